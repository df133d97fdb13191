import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import { beforeAll, expect, it } from 'vitest';
import { ensureServerImage } from '../../src/setup/server-image.ts';
import { PROJECT_ROOT } from '../../src/version.ts';
import { freePort } from '../support/built.ts';
import { cleanEngine, docker } from '../support/docker.ts';
import { until } from '../support/until.ts';

const run = promisify(execFile);
const project = `coracle-test-${randomBytes(4).toString('hex')}`;
let port: number;

/** Compose in each form that this machine has: the plugin is version 2 or later, the program of its own 1 or 2. */
async function composeCommands(): Promise<string[][]> {
  const forms = [['docker', 'compose'], ['docker-compose']];
  const works = await Promise.all(
    forms.map(([program = '', ...words]) =>
      run(program, [...words, 'version']).then(
        () => true,
        () => false,
      ),
    ),
  );
  return forms.filter((_, index) => works[index]);
}

beforeAll(async () => {
  await ensureServerImage(docker);
  port = await freePort();
});

it('docker-compose.yml runs the server as a container, as a user of its own, and keeps its data', async () => {
  const commands = await composeCommands();
  expect(commands.length).toBeGreaterThan(0);
  for (const command of commands) await runProject(command);
});

async function runProject([program = '', ...words]: string[]): Promise<void> {
  const compose = async (...args: string[]) => {
    const { stdout } = await run(program, [...words, '-p', project, ...args], { cwd: PROJECT_ROOT, env: { ...process.env, CORACLE_PORT: String(port) } });
    return stdout.trim();
  };
  const url = `http://127.0.0.1:${port}`;
  const healthy = () =>
    until(
      async () =>
        (
          await fetch(`${url}/health`).then(
            (response) => response.json() as Promise<{ status: string }>,
            () => undefined,
          )
        )?.status === 'healthy',
      'the container to listen',
    );
  try {
    await compose('up', '-d');
    await healthy();
    const headers = {
      Authorization: `Bearer ${await compose('exec', '-T', '-u', 'coracle', 'server', 'coracle', 'token', '--tenant', 'acme')}`,
      'Content-Type': 'application/json',
    };
    const accepted = await fetch(`${url}/execute/background`, { method: 'POST', headers, body: JSON.stringify({ code: 'print(6 * 7)' }) });
    const { process_id } = (await accepted.json()) as { process_id: string };
    await compose('restart', 'server');
    await healthy();
    const ended = await until(async () => {
      const process = (await (await fetch(`${url}/execute/processes/${process_id}`, { headers })).json()) as { status: string; stdout: string };
      return process.status === 'completed' && process;
    }, 'the process to end');
    expect(ended.stdout).toBe('42\n');
    expect(await compose('exec', '-T', 'server', 'sh', '-c', 'for p in /proc/[0-9]*; do grep -q MainThread $p/comm && grep Uid $p/status; done')).toMatch(
      /^Uid:\t1000\t1000/,
    );
  } finally {
    await cleanEngine(await compose('exec', '-T', '-u', 'coracle', 'server', 'cat', '/var/lib/coracle/instance').catch(() => 'unknown'));
    await compose('down', '-v');
  }
}
