import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { testNetworks } from './container-engine-networks.ts';
import { testControl, testPreparation } from './container-engine-start.ts';
import { adopt, collect, type EngineHarness, listed, readUntil, runToEnd, start } from './engine-harness.ts';
import { everyByte, PROGRAMS } from './programs.ts';

type Harness = () => EngineHarness;

/** The contract of the ContainerEngine port, stated through what can be seen from outside. */
export function describeContainerEngine(name: string, create: () => EngineHarness): void {
  describe(`container engine: ${name}`, () => {
    let harness: EngineHarness | undefined;
    const current = () => {
      if (!harness) throw new Error('the harness is not ready');
      return harness;
    };
    beforeAll(() => {
      harness = create();
    });
    afterAll(() => harness?.dispose());

    describe('output', () => testOutput(current));
    describe('the job', () => testJob(current));
    describe('the end', () => testEnd(current));
    describe('stop and remove', () => testStop(current));
    describe('before the job', () => testPreparation(current));
    describe('standard input and signals', () => testControl(current));
    describe('adopt', () => testAdopt(current));
    describe('list and ping', () => testList(current));
    describe('networks', () => testNetworks(current));
  });
}

function testOutput(harness: Harness): void {
  test('is exact, and each stream is in its order', async () => {
    const { stdout, stderr } = await runToEnd(harness(), 'both streams');
    expect(stdout.toString()).toBe('out 1\nout 2\nout 3\n');
    expect(stderr.toString()).toBe('err 1\nerr 2\nerr 3\n');
  });

  test('carries every byte value', async () => {
    const { stdout, stderr } = await runToEnd(harness(), 'every byte on both streams');
    expect(stdout).toEqual(everyByte());
    expect(stderr).toEqual(everyByte());
  });

  test('is whole when it is large', async () => {
    const { stdout } = await runToEnd(harness(), 'three million bytes');
    expect(stdout.equals(Buffer.alloc(3_000_000, 'x'))).toBe(true);
  });

  test('arrives while the program runs', async () => {
    await using container = await start(harness(), 'say ready, then go on');
    expect(await readUntil(container, 'ready\n')).toBe('ready\n');
  });
}

function testJob(harness: Harness): void {
  test('sets the environment and a working directory that is made when it is missing', async () => {
    const job = { workingDir: '/workspace/deep/er', env: { GREETING: ' a=b\n"c" $HOME \u{1F600}' } };
    const { stdout } = await runToEnd(harness(), 'tell directory and greeting', { job });
    expect(stdout.toString()).toBe('/workspace/deep/er\n a=b\n"c" $HOME \u{1F600}');
  });

  test('may be of 1 MiB', async () => {
    const code = PROGRAMS['count own code'].bash.padEnd(1024 * 1024, 'x');
    const { stdout, exit } = await runToEnd(harness(), 'count own code', { code });
    expect(stdout.toString()).toBe(`${1024 * 1024}\n`);
    expect(exit).toMatchObject({ exitCode: 0 });
  });
}

function testEnd(harness: Harness): void {
  test('tells exit code 0, and of a program that prints nothing no output', async () => {
    const before = Date.now();
    const { exit, stdout, stderr } = await runToEnd(harness(), 'quiet');
    expect([stdout.length, stderr.length]).toEqual([0, 0]);
    expect(exit).toEqual({ kind: 'exited', exitCode: 0, oomKilled: false, endedAt: expect.any(Number) });
    expect(exit.kind === 'exited' && exit.endedAt).toBeGreaterThanOrEqual(before);
  });

  test('tells another exit code', async () => {
    const { exit, stdout } = await runToEnd(harness(), 'three lines, then exit 3');
    expect(exit).toMatchObject({ kind: 'exited', exitCode: 3, oomKilled: false });
    expect(stdout.toString()).toBe('one\ntwo\nthree\n');
  });

  test('tells a lack of memory', async () => {
    const { exit } = await runToEnd(harness(), 'eat all memory');
    expect(exit).toMatchObject({ kind: 'exited', exitCode: 137, oomKilled: true });
  });

  test('is known without reading the output', async () => {
    await using container = await start(harness(), 'three lines, then exit 3');
    expect(await container.exit).toMatchObject({ exitCode: 3 });
  });

  test('is vanished when the container was removed from outside, and the output ends too', async () => {
    await using container = await start(harness(), 'say ready, then go on');
    const output = collect(container);
    await harness().removeFromOutside(container.id);
    expect(await container.exit).toEqual({ kind: 'vanished', reason: expect.stringMatching(/\w+/) });
    await output.catch(() => undefined);
  });
}

function testStop(harness: Harness): void {
  test('a program that obeys SIGTERM ends long before the grace is over', async () => {
    await using container = await start(harness(), 'say ready, then go on');
    await readUntil(container, 'ready\n');
    const before = Date.now();
    await container.stop(20_000);
    expect(Date.now() - before).toBeLessThan(10_000);
    expect(await container.exit).toMatchObject({ kind: 'exited', exitCode: 143, oomKilled: false });
  });

  test('a program that ignores SIGTERM is ended after the grace, and stop resolves after that', async () => {
    await using container = await start(harness(), 'say ready, then go on through SIGTERM');
    await readUntil(container, 'ready\n');
    const before = Date.now();
    await container.stop(1_000);
    const stopped = Date.now();
    const exit = await container.exit;
    expect(exit).toMatchObject({ kind: 'exited', exitCode: 137, oomKilled: false });
    expect(stopped - before).toBeGreaterThanOrEqual(990);
    expect(exit.kind === 'exited' && exit.endedAt).toBeLessThanOrEqual(stopped);
  });

  test('both may be repeated, together and after the end, and the exit stays what it was', async () => {
    await using container = await start(harness(), 'say ready, then go on');
    await readUntil(container, 'ready\n');
    await Promise.all([container.stop(5_000), container.stop(5_000)]);
    const exit = await container.exit;
    await container.stop(0);
    await Promise.all([container.remove(), container.remove()]);
    await container.remove();
    await container.stop(0);
    expect(await container.exit).toEqual(exit);
    expect(exit).toMatchObject({ kind: 'exited', exitCode: 143 });
  });

  test('remove takes a container away that still runs, and its exit resolves', async () => {
    await using container = await start(harness(), 'say ready, then go on');
    const output = collect(container).catch(() => undefined);
    await container.remove();
    expect(await listed(harness(), container.id)).toBeUndefined();
    expect(await container.exit).toHaveProperty('kind');
    await output;
  });

  test('remove by id takes a container away, also twice', async () => {
    await using container = await start(harness(), 'quiet');
    await container.exit;
    await harness().engine.remove(container.id);
    await harness().engine.remove(container.id);
    expect(await listed(harness(), container.id)).toBeUndefined();
  });
}

function testAdopt(harness: Harness): void {
  test('gives a running container with its output from the first byte', async () => {
    await using container = await start(harness(), 'say ready, then go on');
    await readUntil(container, 'ready\n');
    const adopted = await adopt(harness(), container.id);
    expect(adopted.id).toBe(container.id);
    expect(await readUntil(adopted, 'ready\n')).toBe('ready\n');
    await adopted.stop(5_000);
    expect(await adopted.exit).toMatchObject({ kind: 'exited', exitCode: 143 });
  });

  test('gives an ended container with its whole output and its exit', async () => {
    await using container = await start(harness(), 'three lines, then exit 3');
    await container.exit;
    const adopted = await adopt(harness(), container.id);
    expect((await collect(adopted)).stdout.toString()).toBe('one\ntwo\nthree\n');
    expect(await adopted.exit).toMatchObject({ kind: 'exited', exitCode: 3 });
  });

  test('gives the output of an ended container exactly, each stream in its order', async () => {
    await using container = await start(harness(), 'every byte on both streams');
    await container.exit;
    expect(await collect(await adopt(harness(), container.id))).toEqual({ stdout: everyByte(), stderr: everyByte() });
  });

  test('gives a container whose program prints nothing', async () => {
    await using container = await start(harness(), 'quiet');
    await container.exit;
    const adopted = await adopt(harness(), container.id);
    expect(await collect(adopted)).toEqual({ stdout: Buffer.alloc(0), stderr: Buffer.alloc(0) });
    expect(await adopted.exit).toMatchObject({ kind: 'exited', exitCode: 0 });
  });

  test('says that a container is gone', async () => {
    expect(await harness().engine.adopt('f'.repeat(64))).toBe('gone');
  });

  test('says that a container of another instance is gone, and leaves it alone', async () => {
    await using container = await start(harness(), 'say ready, then go on');
    expect(await harness().foreign.adopt(container.id)).toBe('gone');
    expect(await listed(harness(), container.id)).toBeDefined();
  });
}

function testList(harness: Harness): void {
  test('list shows a container whatever its state', async () => {
    await using running = await start(harness(), 'say ready, then go on');
    await using ended = await start(harness(), 'quiet');
    await ended.exit;
    const ids = (await harness().engine.list()).map(({ id }) => id);
    expect(ids).toEqual(expect.arrayContaining([running.id, ended.id]));
    const summary = await listed(harness(), running.id);
    expect(summary?.createdAt).toBeGreaterThan(Date.now() - 60_000);
    expect(summary?.createdAt).toBeLessThanOrEqual(Date.now());
    expect(summary?.sandboxId).toBe(harness().sandboxId);
  });

  test('list shows nothing of another instance', async () => {
    await using container = await start(harness(), 'quiet');
    expect(await harness().foreign.list()).toEqual([]);
    expect(await listed(harness(), container.id)).toBeDefined();
  });

  test('ping tells what the engine has', async () => {
    const { version, cpus, memoryBytes } = await harness().engine.ping();
    expect(version).toMatch(/\w/);
    expect(cpus).toBeGreaterThan(0);
    expect(memoryBytes).toBeGreaterThan(64 * 1024 * 1024);
  });
}
