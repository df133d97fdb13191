import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { expect, it } from 'vitest';
import { requireRoot } from '../support/host.ts';

const MODULE = new URL('../../src/priority.ts', import.meta.url).href;
const AUTOGROUP = '/proc/self/autogroup';
const PROGRAM = `import { goFirst } from ${JSON.stringify(MODULE)};
  import { existsSync, readFileSync } from 'node:fs';
  import { getPriority } from 'node:os';
  goFirst();
  const session = existsSync('${AUTOGROUP}') ? Number(readFileSync('${AUTOGROUP}', 'utf8').split(' ').at(-1)) : null;
  console.log(JSON.stringify({ own: getPriority(), session }));`;
const NODE = 'exec node --disable-warning=ExperimentalWarning --input-type=module -e "$PROGRAM"';

function told(...command: readonly string[]): { own: number; session: number | null } {
  requireRoot('The test sets priorities');
  const [program = '', ...args] = command;
  return JSON.parse(execFileSync(program, args, { encoding: 'utf8', env: { ...process.env, PROGRAM } }));
}

const session = (nice: number) => (existsSync(AUTOGROUP) ? nice : null);

it('a server goes before others, and so does its session', () => {
  expect(told('setsid', '--wait', 'sh', '-c', NODE)).toEqual({ own: -10, session: session(-10) });
});

it('a session with a terminal is left as it is', () => {
  expect(told('script', '--quiet', '--command', NODE, '/dev/null')).toEqual({ own: -10, session: session(0) });
});

it('who may not is as all others are', () => {
  const less = ['setpriv', '--bounding-set=-sys_nice', '--inh-caps=-sys_nice'];
  expect(told('setsid', '--wait', ...less, 'sh', '-c', NODE)).toEqual({ own: 0, session: session(0) });
});
