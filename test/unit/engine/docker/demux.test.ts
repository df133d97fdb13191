import { expect, test } from 'vitest';
import { demultiplex, OutputStreamError } from '../../../../src/engine/docker/demux.ts';
import type { OutputFrame, OutputStream } from '../../../../src/output/output-store.ts';

function frame(type: number, data: string | Uint8Array): Buffer {
  const body = Buffer.from(data);
  const header = Buffer.alloc(8);
  header.writeUInt8(type, 0);
  header.writeUInt32BE(body.length, 4);
  return Buffer.concat([header, body]);
}

async function* chunksOf(...chunks: Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* chunks;
}

/** What comes out, and the error that it ended with. */
async function demultiplexed(...chunks: Uint8Array[]) {
  const parts: Record<OutputStream, Uint8Array[]> = { stdout: [], stderr: [] };
  let error: unknown;
  try {
    for await (const frames of demultiplex(chunksOf(...chunks))) for (const { stream, data } of frames) parts[stream].push(data);
  } catch (caught) {
    error = caught;
  }
  return { stdout: Buffer.concat(parts.stdout).toString(), stderr: Buffer.concat(parts.stderr).toString(), error };
}

const WHOLE = Buffer.concat([frame(1, 'out one '), frame(2, 'err one '), frame(1, ''), frame(0, 'out two'), frame(2, 'err two')]);
const READ = { stdout: 'out one out two', stderr: 'err one err two', error: undefined };

test('frames are told apart by stream, each stream in its order', async () => {
  expect(await demultiplexed(WHOLE)).toEqual(READ);
});

test('an empty stream is empty', async () => {
  expect(await demultiplexed()).toEqual({ stdout: '', stderr: '', error: undefined });
});

test('a chunk may end anywhere', async () => {
  for (let at = 0; at <= WHOLE.length; at += 1) expect(await demultiplexed(WHOLE.subarray(0, at), WHOLE.subarray(at)), `after byte ${at}`).toEqual(READ);
});

test.each([1, 2, 3, 7, 8, 9])('chunks may be of %i bytes each', async (size) => {
  const chunks = Array.from({ length: Math.ceil(WHOLE.length / size) }, (_, index) => WHOLE.subarray(index * size, (index + 1) * size));
  expect(await demultiplexed(...chunks)).toEqual(READ);
});

test('every byte value passes', async () => {
  const bytes = Uint8Array.from({ length: 256 }, (_, byte) => byte);
  const collected: Uint8Array[] = [];
  for await (const frames of demultiplex(chunksOf(frame(1, bytes)))) collected.push(...frames.map(({ data }) => data));
  expect(Buffer.concat(collected)).toEqual(Buffer.from(bytes));
});

test('a hundred thousand tiny frames come through', async () => {
  const chunk = Buffer.concat(Array.from({ length: 1_000 }, () => frame(1, 'x')));
  const { stdout } = await demultiplexed(...Array.from({ length: 100 }, () => chunk));
  expect(stdout).toBe('x'.repeat(100_000));
});

test('data is handed on before its frame is whole', async () => {
  const frames = demultiplex(chunksOf(frame(1, 'first, and more').subarray(0, 13)));
  const { value } = await frames.next();
  expect(value.map(({ data }: OutputFrame) => Buffer.from(data).toString())).toEqual(['first']);
  await expect(frames.next()).rejects.toThrow(OutputStreamError);
});

test('it pulls: no chunk is asked for before the one before is taken', async () => {
  let pulled = 0;
  async function* endless(): AsyncGenerator<Uint8Array> {
    for (;;) {
      pulled += 1;
      yield frame(1, 'x');
    }
  }
  const frames = demultiplex(endless());
  await frames.next();
  await frames.next();
  expect(pulled).toBe(2);
  await frames.return(undefined);
});

test('what the engine says of its own failure is the error, after all output before it', async () => {
  const { stdout, error } = await demultiplexed(frame(1, 'so far'), frame(3, 'disk '), frame(3, 'broken'));
  expect(stdout).toBe('so far');
  expect(error).toEqual(new OutputStreamError('the engine could not deliver the output: disk broken'));
});

test.each([4, 7, 255])('a frame of the unknown type %i is an error', async (type) => {
  const { stdout, error } = await demultiplexed(frame(1, 'so far'), frame(type, 'what'));
  expect(stdout).toBe('so far');
  expect(error).toBeInstanceOf(OutputStreamError);
});

test.each([
  { title: 'inside a header', bytes: 3 },
  { title: 'between header and data', bytes: 8 },
  { title: 'inside the data', bytes: 10 },
])('a stream that is cut $title is an error', async ({ bytes }) => {
  const { stdout, error } = await demultiplexed(frame(1, 'so far'), frame(1, 'lost').subarray(0, bytes));
  expect(stdout).toBe(`so far${'lost'.slice(0, Math.max(0, bytes - 8))}`);
  expect(error).toBeInstanceOf(OutputStreamError);
});

test('an error of the connection is passed on', async () => {
  async function* broken(): AsyncGenerator<Uint8Array> {
    yield frame(1, 'so far');
    throw new Error('connection reset');
  }
  const frames = demultiplex(broken());
  await frames.next();
  await expect(frames.next()).rejects.toThrow('connection reset');
});
