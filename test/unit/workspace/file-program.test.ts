import { expect, test } from 'vitest';
import type { ProgramInput, RunningContainer } from '../../../src/engine/container-engine.ts';
import type { ContainerExit } from '../../../src/process/outcome.ts';
import { fileProgram } from '../../../src/workspace/file-program.ts';
import type { Helper } from '../../../src/workspace/helpers.ts';
import { until } from '../../support/until.ts';

/** A container that prints this, and ends when its input does or when it is disposed of. */
function helperOf(...printed: string[]) {
  const exit = Promise.withResolvers<ContainerExit>();
  const seen = { written: 0, isEnded: false, isDisposed: false };
  async function* output() {
    for (const piece of printed) yield [{ stream: 'stdout' as const, data: Buffer.from(piece) }];
    await exit.promise;
  }
  const stdin: ProgramInput = {
    async write(data) {
      seen.written += data.length;
    },
    end() {
      seen.isEnded = true;
    },
    get isEnded() {
      return seen.isEnded;
    },
  };
  const container = { stdin, output: output(), exit: exit.promise } as Partial<RunningContainer> as RunningContainer;
  const ended = () => exit.resolve({ kind: 'exited', exitCode: 0, oomKilled: false, endedAt: null });
  const helper: Helper = {
    container,
    async dispose() {
      seen.isDisposed = true;
      ended();
    },
  };
  return { helper, seen, ended };
}

const options = (signal = new AbortController().signal, writes = true) => ({ path: 'f', signal, writes });

test.each([
  ['ok 7\n', 7],
  ['go\n', 0],
  ['ok\n', 0],
])('%j answers %i', async (line, number) => {
  expect(await fileProgram(helperOf(line).helper, options()).answer()).toBe(number);
});

test.each([
  ['no FILE_NOT_FOUND There is none.\n', 'FILE_NOT_FOUND', 'There is none.'],
  ['no SOMETHING_ELSE Why not.\n', 'FILE_OPERATION_FAILED', 'Why not.'],
  ['Segmentation fault\n', 'FILE_OPERATION_FAILED', expect.stringContaining('Try again')],
])('%j is an error', async (line, code, message) => {
  await expect(fileProgram(helperOf(line).helper, options()).answer()).rejects.toMatchObject({ code, message, path: 'f' });
});

test('one that has ended without a word has not answered', async () => {
  const { helper, ended } = helperOf();
  ended();
  await expect(fileProgram(helper, options()).answer()).rejects.toMatchObject({ code: 'FILE_OPERATION_FAILED' });
});

test('whoever leaves its data closes it', async () => {
  const { helper, seen } = helperOf('ok\n', 'data', 'more');
  const program = fileProgram(helper, options());
  await program.answer();
  for await (const piece of program.data()) {
    expect(String(piece)).toBe('data');
    break;
  }
  expect(seen.isDisposed).toBe(true);
});

test('what it is given ends when all is given, or when it breaks off, and it may then tidy up before it is disposed of', async () => {
  const whole = helperOf();
  await fileProgram(whole.helper, options()).give(giving());
  expect(whole.seen).toEqual({ written: 3, isEnded: true, isDisposed: false });

  const torn = helperOf();
  const given = fileProgram(torn.helper, options()).give(tearing());
  await until(() => torn.seen.isEnded, 'its input to end');
  expect(torn.seen.isDisposed).toBe(false);
  torn.ended();
  await expect(given).rejects.toThrow('torn');
  expect(torn.seen).toEqual({ written: 3, isEnded: true, isDisposed: true });
});

test('when nobody waits for it, one that reads is disposed of at once, and one that writes may tidy up first', async () => {
  const leaving = new AbortController();
  const [reading, writing] = [helperOf(), helperOf()];
  fileProgram(reading.helper, options(leaving.signal, false));
  const writer = fileProgram(writing.helper, options(leaving.signal));
  leaving.abort();
  expect([reading.seen.isDisposed, writing.seen.isDisposed, writing.seen.isEnded]).toEqual([true, false, true]);
  await expect(writer.give(tearing())).rejects.toBeDefined();
  expect(writing.seen.written).toBe(0);
  writing.ended();
  await until(() => writing.seen.isDisposed, 'it to be disposed of');
});

test('one that does not tidy up is disposed of all the same', async () => {
  const { helper, seen } = helperOf();
  await expect(fileProgram(helper, options()).give(tearing())).rejects.toThrow('torn');
  expect(seen.isDisposed).toBe(true);
});

async function* tearing(): AsyncGenerator<Uint8Array> {
  yield Buffer.from('abc');
  throw new Error('torn');
}

async function* giving(): AsyncGenerator<Uint8Array> {
  yield Buffer.from('abc');
}
