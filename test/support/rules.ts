import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { bridgePrefix } from '../../src/engine/bridges.ts';

/** Every rule of the machine, of both protocols, that speaks of an instance. */
export async function rulesOf(instance: string): Promise<string[]> {
  const listed = ['iptables', 'ip6tables'].map((program) => promisify(execFile)(program, ['-w', '-S'], { env: { PATH: '/usr/sbin:/sbin:/usr/bin:/bin' } }));
  const lines = (await Promise.all(listed)).flatMap(({ stdout }) => stdout.split('\n'));
  return lines.filter((line) => line.includes(bridgePrefix(instance)));
}
