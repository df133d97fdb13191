import { expect, test } from 'vitest';
import { collect, type EngineHarness, jobOf, listed, prepare, readUntil, runToEnd, specOf, start } from './engine-harness.ts';
import { everyByte, MISSING_IMAGE } from './programs.ts';

type Harness = () => EngineHarness;

/** What holds of a container before it has its job. */
export function testPreparation(harness: Harness): void {
  test('a container for want of its image says so and leaves nothing', async () => {
    const before = await harness().engine.list();
    const spec = specOf(harness(), { image: MISSING_IMAGE });
    await expect(harness().engine.prepare(spec, new AbortController().signal)).rejects.toMatchObject({ code: 'IMAGE_MISSING' });
    expect(await harness().engine.list()).toEqual(before);
  });

  test('one that was called off rejects with the reason and leaves nothing', async () => {
    const before = await harness().engine.list();
    const reason = new Error('called off');
    await expect(harness().engine.prepare(specOf(harness()), AbortSignal.abort(reason))).rejects.toBe(reason);
    expect(await harness().engine.list()).toEqual(before);
  });

  test('one that waits for its job is not in the list, and is there once it has begun', async () => {
    await using container = await prepare(harness());
    expect(await listed(harness(), container.id)).toBeUndefined();
    const running = await container.begin(jobOf('say ready, then go on'));
    expect(running && (await readUntil(running, 'ready\n'))).toBe('ready\n');
    expect(await listed(harness(), container.id)).toBeDefined();
  });

  test('one that ends before its job says so, and begin answers undefined and leaves nothing', async () => {
    await using container = await prepare(harness());
    await harness().endLauncher(container);
    await container.died;
    expect(await container.begin(jobOf('quiet'))).toBeUndefined();
    expect(await harness().engine.adopt(container.id)).toBe('gone');
  });

  test('one that waits can be fitted to other limits', async () => {
    const MIB = 1024 * 1024;
    const fixed = { tmpBytes: 16 * MIB };
    for (const limits of [
      { ...fixed, memoryBytes: 96 * MIB, cpus: 0.5, pids: 100 },
      { ...fixed, memoryBytes: 32 * MIB, cpus: 1, pids: 50 },
    ]) {
      await using container = await prepare(harness());
      await container.fit(limits);
      const running = await container.begin(jobOf('tell memory and processes allowed'));
      expect(running && (await collect(running)).stdout.toString()).toBe(`${limits.memoryBytes}\n${limits.pids}\n`);
    }
  });

  test('one that is removed is gone, also twice', async () => {
    const container = await prepare(harness());
    await container.remove();
    await container.remove();
    expect(await harness().engine.adopt(container.id)).toBe('gone');
  });

  test('one whose server died is in the list of the next, and is unused', async () => {
    const id = await harness().leaveWaiting(specOf(harness()));
    expect(await listed(harness(), id)).toBeDefined();
    expect(await harness().engine.adopt(id)).toBe('unused');
    expect(await harness().engine.adopt(id)).toBe('gone');
    expect(await listed(harness(), id)).toBeUndefined();
  });

  test('one whose start the engine has forgotten has vanished, because it may have run', async () => {
    const id = await harness().leaveUnstarted(specOf(harness()));
    const adopted = await harness().engine.adopt(id);
    if (typeof adopted === 'string') throw new Error(`it is ${adopted}`);
    expect(await adopted.exit).toMatchObject({ kind: 'vanished' });
    await adopted.remove();
    expect(await harness().engine.adopt(id)).toBe('gone');
  });
}

/** What can be done to a program besides stopping it. */
export function testControl(harness: Harness): void {
  test('files of a job are there before the program, with any bytes, their mode and their folders', async () => {
    const files = [{ path: '/workspace/given/file', mode: 0o600, content: everyByte() }];
    const { stdout, stderr } = await runToEnd(harness(), 'read back a file', { job: { files } });
    expect(stdout).toEqual(everyByte());
    expect(stderr.toString()).toBe('600\n');
  });

  test('input reaches the program as it was written, until it ends', async () => {
    await using container = await start(harness(), 'copy input to output');
    const output = collect(container);
    expect(container.stdin.isEnded).toBe(false);
    await container.stdin.write(everyByte());
    await container.stdin.write(Buffer.from(' and more'));
    container.stdin.end();
    container.stdin.end();
    expect(container.stdin.isEnded).toBe(true);
    expect((await output).stdout).toEqual(Buffer.concat([everyByte(), Buffer.from(' and more')]));
    expect(await container.exit).toMatchObject({ exitCode: 0 });
    await container.stdin.write(Buffer.from('too late'));
  });

  test('the input of an adopted container has ended', async () => {
    await using container = await start(harness(), 'say ready, then go on');
    const adopted = await harness().engine.adopt(container.id);
    expect(typeof adopted !== 'string' && adopted.stdin.isEnded).toBe(true);
  });

  test('a signal reaches the program', async () => {
    await using container = await start(harness(), 'say ready, then go on');
    await readUntil(container, 'ready\n');
    await container.signal('SIGUSR1');
    expect(await container.exit).toMatchObject({ kind: 'exited', exitCode: 138 });
    await container.signal('SIGUSR1');
  });

  test('a paused program does nothing until it is resumed; both may be repeated', async () => {
    await using container = await start(harness(), 'copy input to output');
    await container.pause();
    await container.pause();
    container.stdin.end();
    const early = await Promise.race([container.exit, new Promise((resolve) => setTimeout(resolve, 300, 'still there'))]);
    expect(early).toBe('still there');
    await container.resume();
    await container.resume();
    expect(await container.exit).toMatchObject({ exitCode: 0 });
  });

  test('a paused program can be stopped', async () => {
    await using container = await start(harness(), 'say ready, then go on');
    await readUntil(container, 'ready\n');
    await container.pause();
    await container.stop(5_000);
    expect(await container.exit).toMatchObject({ kind: 'exited' });
  });
}
