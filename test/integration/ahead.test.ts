import { randomUUID } from 'node:crypto';
import { afterAll, describe, expect, it } from 'vitest';
import type { ContainerSpec, PreparedContainer } from '../../src/engine/container-engine.ts';
import { containerOptions } from '../../src/engine/docker/container-options.ts';
import { createDockerEngine, readTraits } from '../../src/engine/docker/docker-engine.ts';
import { encodeJob, type Job, NO_JOB_EXIT_CODE } from '../../src/engine/job.ts';
import { readCatalog } from '../../src/images/catalog.ts';
import { PROJECT_ROOT } from '../../src/version.ts';
import { cleanEngine, docker, isWaiting } from '../support/docker.ts';
import { imageReference } from '../support/images.ts';
import { until } from '../support/until.ts';

const instance = `test-${randomUUID()}`;
const engine = createDockerEngine({ docker, instance, imageReference });
const limits = { memoryBytes: 128 * 1024 * 1024, cpus: 1, pids: 64, tmpBytes: 16 * 1024 * 1024 };
/** On runc, whose processes the engine shows. */
const spec: ContainerSpec = { scope: { tenant: 'ahead', sandbox: 'default' }, image: 'python', runtime: 'runc', sandboxId: instance, uid: 20_322, limits };
const python = readCatalog(`${PROJECT_ROOT}/images`).find(({ language }) => language.name === 'python')?.language;
if (!python) throw new Error('there is no python');
const { file, run, env } = python;
const USER_PACKAGES = '/workspace/.local/lib/python3.13/site-packages';

const place = (path: string, content: string) => ({ path, mode: 0o644, content: Buffer.from(content) });
const jobOf = (code: string, ...files: Job['files']): Job => ({ workingDir: '/workspace', compile: [], run, env, files: [...files, place(file, code)] });

async function commandsIn(id: string): Promise<string[][]> {
  const { Processes } = await docker.getContainer(id).top({ ps_args: '-eo pid,args' });
  return Processes;
}

/** One whose interpreter is up and waits. */
async function prepare(runtime?: string): Promise<PreparedContainer> {
  const container = await engine.prepare({ ...spec, ...(runtime && { runtime, limits: { ...limits, pids: 512 } }) }, new AbortController().signal);
  if (!runtime) await untilAhead(container.id);
  return container;
}

function untilAhead(id: string): Promise<unknown> {
  return until(async () => (await isWaiting(id)) && (await commandsIn(id)).some(([, args]) => args === run.join(' ')), 'an interpreter that waits');
}

async function runToEnd(container: PreparedContainer, job: Job) {
  const running = await container.begin(job);
  if (!running) return undefined;
  running.stdin.end();
  const printed = { stdout: '', stderr: '' };
  for await (const frames of running.output) for (const { stream, data } of frames) printed[stream] += Buffer.from(data).toString();
  const exit = await running.exit;
  await running.remove();
  return { ...printed, exitCode: exit.kind === 'exited' ? exit.exitCode : exit };
}

/** The host's id of the launcher's process that reads the job. */
async function readerIn(id: string): Promise<number> {
  const found = (await commandsIn(id)).find(([, args]) => args === '/usr/bin/perl /opt/coracle/launch');
  return Number(found?.[0]);
}

describe('a container whose interpreter waits for its job', () => {
  afterAll(() => cleanEngine(instance));

  it('runs it', async () => {
    const code = 'import os, sys\nprint(sys.argv, os.getppid(), os.listdir("/proc/self/fd"), sys.stdin.read())\nsys.exit(3)';
    expect(await runToEnd(await prepare(), jobOf(code))).toEqual({ stdout: `['${file}'] 1 ['0', '1', '2', '3'] \n`, stderr: '', exitCode: 3 });
  });

  it('runs it under gVisor', async () => {
    const code = 'import os, sys\nprint(sys.argv, sys.path[1], os.environ["HOME"])\n1 / 0';
    const ended = await runToEnd(await prepare('runsc'), jobOf(code));
    expect(ended).toMatchObject({ stdout: `['${file}'] /workspace /workspace\n`, exitCode: 1, stderr: expect.stringContaining('line 3, in <module>\n') });
  });

  it('is not made for a job that is there at once', async () => {
    const code = 'import os\nprint(os.posix_spawn("/bin/true", ["true"], {}) - os.getpid())';
    const container = await docker.createContainer(containerOptions(spec, await readTraits({ docker, instance, imageReference })));
    const socket = await container.attach({ hijack: true, stream: true, stdin: true, stdout: true, stderr: true });
    socket.end(encodeJob(jobOf(code)));
    await container.start();
    await container.wait();
    const logs = await container.logs({ stdout: true, stderr: true });
    // The numbers of processes go up: one that reads the job for an interpreter that waits has one between.
    expect(logs.toString()).toMatch(/job\n.*1\n$/s);
    expect(await runToEnd(await prepare(), jobOf(code))).toMatchObject({ stdout: '2\n' });
  });

  it('leaves by itself when its server goes away', async () => {
    const container = await docker.createContainer(containerOptions(spec, await readTraits({ docker, instance, imageReference })));
    const socket = await container.attach({ hijack: true, stream: true, stdin: true, stdout: true, stderr: true });
    await container.start();
    await untilAhead(container.id);
    (socket as NodeJS.ReadWriteStream & { destroy(): void }).destroy();
    expect(await container.wait()).toMatchObject({ StatusCode: NO_JOB_EXIT_CODE });
    expect(await engine.adopt(container.id)).toBe('unused');
  });

  it('has not run anything when what reads the job dies', async () => {
    const container = await prepare();
    process.kill(await readerIn(container.id), 'SIGKILL');
    expect(await runToEnd(container, jobOf('print("never")'))).toBeUndefined();
    await container.died;
  });

  it.each(['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGUSR1', 'SIGKILL'] as const)('ends by %s, in silence', async (signal) => {
    const container = await prepare();
    // Until then SIGINT ends it as it ends any interpreter that has not come up.
    await untilAhead(container.id);
    await docker.getContainer(container.id).kill({ signal });
    await container.died;
    const { State } = await docker.getContainer(container.id).inspect();
    const logs = await docker.getContainer(container.id).logs({ stdout: true, stderr: true });
    expect({ code: State.ExitCode, logs: logs.toString() }).toEqual({
      code: { SIGTERM: 143, SIGINT: 130, SIGHUP: 129, SIGUSR1: 138, SIGKILL: 137 }[signal],
      logs: '',
    });
  });

  it('does not look at the sandbox before', async () => {
    const trap = 'import os; open("/workspace/seen", "a").write("x")\n';
    const traps = [
      '/workspace/sitecustomize.py',
      '/workspace/encodings/__init__.py',
      '/workspace/io.py',
      `${USER_PACKAGES}/trap.pth`,
      `${USER_PACKAGES}/usercustomize.py`,
    ];
    await runToEnd(await prepare(), { ...jobOf(''), run: ['/bin/true'], files: traps.map((path) => place(path, trap)) });
    const waiting = await prepare();
    const look = { ...jobOf(''), run: ['/bin/sh', '-c', 'ls /workspace'], env: { PATH: '/bin' } };
    expect(await runToEnd(await prepare(), look)).toMatchObject({ stdout: 'encodings\nio.py\nsitecustomize.py\n' });
    await runToEnd(waiting, { ...look, run: ['/bin/rm', '-r', ...traps.slice(0, 3), '/workspace/.local'] });
  });

  it('takes the files that came to the sandbox while it waited', async () => {
    const waiting = await prepare();
    await runToEnd(await prepare(), { ...jobOf('', place('/workspace/late.py', 'value = 1')), run: ['/bin/true'] });
    expect(await runToEnd(waiting, jobOf('import late, early\nprint(late.value, early.value)', place('/workspace/early.py', 'value = 2')))).toMatchObject({
      stdout: '1 2\n',
    });
  });

  it('keeps the memory limit that it is fitted to', async () => {
    const waiting = await prepare();
    await waiting.fit({ ...limits, memoryBytes: 64 * 1024 * 1024 });
    expect(await runToEnd(waiting, jobOf('bytearray(100 << 20)'))).toMatchObject({ exitCode: 137 });
  });
});
