import { describe, expect, it } from 'vitest';
import { OUTPUT_STREAMS, type OutputFrame, type OutputStore, type OutputStream, type OutputWriter } from '../../src/output/output-store.ts';
import { outputModel, readAll, readThrough } from '../support/output-model.ts';
import { type Random, seededRandom } from '../support/random.ts';

/** A store that is empty, and gone when its scope ends. */
export interface OutputStoreUnderTest extends AsyncDisposable {
  readonly store: OutputStore;
  /** What everything kept takes on disk. */
  storedBytes(): Promise<number>;
}

export type OpenOutputStore = () => Promise<OutputStoreUnderTest>;

const KIB = 1024;
const ID = 'proc_under_test';
const ROOMY = { keptBytes: 64 * KIB * KIB };
const TIGHT = { keptBytes: 256 * KIB };
/** Of each half of the limit; the rest is for headers and for dropping in steps. */
const KEPT_AT_LEAST = 0.8;

const seeds = (count: number) => Array.from({ length: count }, (_, index) => index + 1);
const frame = (stream: OutputStream, data: Uint8Array | string): OutputFrame => ({ stream, data: typeof data === 'string' ? Buffer.from(data) : data });

export function outputStoreContract(name: string, open: OpenOutputStore): void {
  describe(`${name} as an output store`, () => {
    emptiness(open);
    exactness(open);
    overTheLimit(open);
    changingLimits(open);
    readingWhileWriting(open);
  });
}

async function written(store: OutputStore, frames: readonly OutputFrame[], limits = ROOMY): Promise<void> {
  const writer = await store.open(ID, limits);
  await writer.append(frames);
  await writer.close();
}

function emptiness(open: OpenOutputStore): void {
  const nothing = { offset: 0, nextOffset: 0, totalBytes: 0, droppedBytes: 0 };

  it.each([0, 5, -5])('reads an id without output as empty, from offset %d', async (offset) => {
    await using under = await open();
    const slice = await under.store.read('proc_unknown', { stream: 'stdout', offset, limit: 10 });
    expect({ ...slice, data: slice.data.length }).toEqual({ ...nothing, data: 0 });
  });

  it('reads as empty what was opened and closed without output', async () => {
    await using under = await open();
    await written(under.store, [frame('stdout', ''), frame('stderr', '')]);
    expect(await readAll(under.store, { id: ID, stream: 'stdout' })).toMatchObject({ totalBytes: 0, droppedBytes: 0, pieces: [] });
  });

  it('removes an id as often as one likes, and knows nothing of it afterwards', async () => {
    await using under = await open();
    await written(under.store, [frame('stdout', 'gone')]);
    await written(under.store, [frame('stderr', 'gone')]);
    for (let times = 0; times < 3; times += 1) await under.store.remove(ID);
    await under.store.remove('proc_unknown');
    for (const stream of OUTPUT_STREAMS) expect(await under.store.read(ID, { stream, offset: 0, limit: 10 })).toMatchObject(nothing);
    expect(await under.storedBytes()).toBe(0);
    const writer = await under.store.open(ID, ROOMY);
    expect(writer.written).toEqual({ stdout: 0, stderr: 0 });
    await writer.close();
  });

  it('keeps processes apart', async () => {
    await using under = await open();
    const [one, other] = [await under.store.open('proc_1', ROOMY), await under.store.open('proc_2', ROOMY)];
    await Promise.all([one.append([frame('stdout', 'one')]), other.append([frame('stdout', 'other')])]);
    await Promise.all([one.close(), other.close()]);
    await under.store.remove('proc_1');
    const { data } = await under.store.read('proc_2', { stream: 'stdout', offset: 0, limit: 100 });
    expect(Buffer.from(data).toString()).toBe('other');
  });
}

/** Mostly small writes, now and then none or a large one; the kinds that engines and tenants send. */
function randomFrames(random: Random): OutputFrame[] {
  const sizes = [0, 1, random.integer(1, 9), random.integer(1, 300), 4096, random.integer(4000, 70_000)] as const;
  return Array.from({ length: random.integer(0, 6) }, () => frame(random.pick(OUTPUT_STREAMS), random.bytes(random.pick(sizes))));
}

interface Session {
  readonly store: OutputStore;
  readonly random: Random;
  readonly keptBytes: number;
}

/** Appends and reopens by chance, and looks at what each step shows. */
async function writeByChance({ store, random, keptBytes }: Session, look: (model: ReturnType<typeof outputModel>) => Promise<void>) {
  const model = outputModel();
  let writer = await store.open(ID, { keptBytes });
  for (let step = 0; step < 40; step += 1) {
    const frames = randomFrames(random);
    await writer.append(frames);
    model.append(frames);
    expect(writer.written).toEqual(model.written());
    await look(model);
    if (random.integer(1, 8) > 1) continue;
    await writer.close();
    writer = await store.open(ID, { keptBytes });
    expect(writer.written).toEqual(model.written());
  }
  await writer.close();
  return model;
}

function randomStretch(random: Random, totalBytes: number) {
  const reach = totalBytes + 10;
  return { offset: random.integer(-reach, reach), limit: random.pick([1, random.integer(1, 50), random.integer(1, reach), reach * 2]) };
}

function exactness(open: OpenOutputStore): void {
  it.each(seeds(12))('gives back every byte under the limit, whatever is written, reopened and read (seed %d)', async (seed) => {
    await using under = await open();
    const random = seededRandom(seed);
    await writeByChance({ store: under.store, random, keptBytes: ROOMY.keptBytes }, async (model) => {
      const stream = random.pick(OUTPUT_STREAMS);
      const request = { stream, ...randomStretch(random, model.written()[stream]) };
      const { data, ...numbers } = await under.store.read(ID, request);
      const expected = model.read(request);
      expect(numbers).toEqual({ ...numbers, ...expected.numbers, droppedBytes: 0 });
      expect(Buffer.from(data).equals(expected.data)).toBe(true);
    });
  });

  it('keeps the order of each stream when one append has many frames', async () => {
    await using under = await open();
    await written(under.store, [
      frame('stdout', 'a'),
      frame('stdout', 'b'),
      frame('stderr', 'X'),
      frame('stdout', 'c'),
      frame('stderr', ''),
      frame('stderr', 'Y'),
    ]);
    const texts = OUTPUT_STREAMS.map(async (stream) => (await readAll(under.store, { id: ID, stream })).pieces.map(({ data }) => data.toString()).join(''));
    expect(await Promise.all(texts)).toEqual(['abc', 'XY']);
  });

  it('does not hold on to the buffers it is given', async () => {
    await using under = await open();
    const writer = await under.store.open(ID, ROOMY);
    const data = Buffer.from('before');
    await writer.append([frame('stdout', data)]);
    data.fill('x');
    await writer.append([frame('stdout', '!')]);
    await writer.close();
    expect(Buffer.from((await under.store.read(ID, { stream: 'stdout', offset: 0, limit: 100 })).data).toString()).toBe('before!');
  });
}

/** Everything of a stream lies in its place, and what does not lie there is counted as dropped. */
async function expectHonest(store: OutputStore, model: ReturnType<typeof outputModel>): Promise<void> {
  for (const stream of OUTPUT_STREAMS) {
    const { pieces, totalBytes, droppedBytes } = await readAll(store, { id: ID, stream });
    expect(totalBytes).toBe(model.written()[stream]);
    for (const { offset, data } of pieces) expect(model.has(stream, { offset, data })).toBe(true);
    const kept = pieces.reduce((bytes, { data }) => bytes + data.length, 0);
    expect(kept + droppedBytes).toBe(totalBytes);
  }
}

function overTheLimit(open: OpenOutputStore): void {
  it.each(seeds(12))('shows no wrong byte and no silent gap over the limit (seed %d)', async (seed) => {
    await using under = await open();
    const random = seededRandom(1_000 + seed);
    const model = await writeByChance({ store: under.store, random, keptBytes: 64 * KIB }, async (current) => {
      const stream = random.pick(OUTPUT_STREAMS);
      const totalBytes = current.written()[stream];
      const request = { stream, ...randomStretch(random, totalBytes) };
      const slice = await under.store.read(ID, request);
      const asked = current.read(request).numbers.offset;
      expect(slice.totalBytes).toBe(totalBytes);
      expect(slice.offset).toBeGreaterThanOrEqual(asked);
      expect(slice.offset - asked).toBeLessThanOrEqual(slice.droppedBytes);
      expect(slice.nextOffset).toBe(slice.offset + slice.data.length);
      expect(slice.data.length).toBeLessThanOrEqual(request.limit);
      expect(slice.nextOffset > asked || slice.nextOffset === totalBytes).toBe(true);
      expect(current.has(stream, slice)).toBe(true);
    });
    await expectHonest(under.store, model);
  });

  it('keeps the first and the newest half, and drops what is between', async () => {
    await using under = await open();
    const data = seededRandom(7).bytes(4 * TIGHT.keptBytes);
    await written(under.store, [frame('stdout', data)], TIGHT);
    const { pieces, droppedBytes } = await readAll(under.store, { id: ID, stream: 'stdout' });
    const [head, tail] = pieces;
    expect(pieces).toHaveLength(2);
    expect(head?.offset).toBe(0);
    for (const piece of [head, tail]) expect(piece?.data.length).toBeGreaterThan((TIGHT.keptBytes / 2) * KEPT_AT_LEAST);
    expect(head?.data.equals(data.subarray(0, head.data.length))).toBe(true);
    expect(tail?.data.equals(data.subarray(data.length - tail.data.length))).toBe(true);
    expect(droppedBytes).toBe((tail?.offset ?? 0) - (head?.data.length ?? 0));
  });

  it('moves an offset inside the dropped stretch forward to what is there, and says so', async () => {
    await using under = await open();
    const data = seededRandom(8).bytes(4 * TIGHT.keptBytes);
    await written(under.store, [frame('stdout', data)], TIGHT);
    const { pieces } = await readAll(under.store, { id: ID, stream: 'stdout' });
    const [end, begin] = [pieces[0]?.data.length ?? 0, pieces[1]?.offset ?? 0];
    for (const offset of [end, end + 1, Math.floor((end + begin) / 2), begin - 1, begin]) {
      const slice = await under.store.read(ID, { stream: 'stdout', offset, limit: 100 });
      expect(slice).toMatchObject({ offset: begin, nextOffset: begin + 100, totalBytes: data.length, droppedBytes: begin - end });
      expect(Buffer.from(slice.data).equals(data.subarray(begin, begin + 100))).toBe(true);
    }
    const across = await under.store.read(ID, { stream: 'stdout', offset: end - 10, limit: 100 });
    expect(across).toMatchObject({ offset: end - 10, nextOffset: end });
  });

  it('leads a reader to the end of a stream whose newest bytes were dropped for the other stream', async () => {
    await using under = await open();
    const limit = TIGHT.keptBytes;
    await written(under.store, [frame('stderr', Buffer.alloc(limit)), frame('stdout', 'quiet'), frame('stderr', Buffer.alloc(3 * limit))], TIGHT);
    const quiet = { totalBytes: 5, droppedBytes: 5, offset: 5, nextOffset: 5 };
    for (const offset of [0, 3, -5, -1, 5]) expect(await under.store.read(ID, { stream: 'stdout', offset, limit: 100 })).toMatchObject(quiet);
    expect(await readAll(under.store, { id: ID, stream: 'stdout' })).toEqual({ pieces: [], totalBytes: 5, droppedBytes: 5 });
  });

  it('stays within bounds on disk for 100,000 one-byte frames on both streams in turn', async () => {
    await using under = await open();
    const frames = Array.from({ length: 100_000 }, (_, index) => frame(index % 2 ? 'stdout' : 'stderr', Buffer.of(index % 251)));
    const model = outputModel();
    model.append(frames);
    const writer = await under.store.open(ID, TIGHT);
    for (let done = 0; done < frames.length; done += 10_000) {
      await writer.append(frames.slice(done, done + 10_000));
      expect(await under.storedBytes()).toBeLessThan(TIGHT.keptBytes * 1.5);
    }
    await writer.close();
    await expectHonest(under.store, model);
    const { pieces, droppedBytes } = await readAll(under.store, { id: ID, stream: 'stdout' });
    expect(droppedBytes).toBeGreaterThan(0);
    expect(pieces.map(({ offset }) => offset)).toEqual([0, expect.any(Number)]);
  });

  it('stays within bounds on disk for a flood in large frames', async () => {
    await using under = await open();
    const writer = await under.store.open(ID, TIGHT);
    for (let times = 0; times < 20; times += 1) {
      await writer.append([frame('stdout', Buffer.alloc(300_000, times)), frame('stderr', Buffer.alloc(50_000, times))]);
      expect(await under.storedBytes()).toBeLessThan(TIGHT.keptBytes * 1.5);
    }
    await writer.close();
  });
}

function changingLimits(open: OpenOutputStore): void {
  it.each([
    ['larger', 64 * KIB, 512 * KIB],
    ['smaller', 512 * KIB, 64 * KIB],
  ])('stays exact when it is opened again with a %s limit', async (_what, before, after) => {
    await using under = await open();
    const random = seededRandom(9);
    const frames = Array.from({ length: 400 }, () => frame(random.pick(OUTPUT_STREAMS), random.bytes(random.integer(1, 8 * KIB))));
    const model = outputModel();
    model.append(frames);
    await written(under.store, frames.slice(0, 100), { keptBytes: before });
    await written(under.store, frames.slice(100), { keptBytes: after });
    await expectHonest(under.store, model);
  });
}

async function writeAll(writer: OutputWriter, frames: readonly OutputFrame[]): Promise<void> {
  for (const each of frames) await writer.append([each]);
  await writer.close();
}

function readingWhileWriting(open: OpenOutputStore): void {
  it.each([
    ['under the limit', ROOMY.keptBytes],
    ['while stretches are dropped', 64 * KIB],
  ])('shows a reader a true part of the output while it is written, %s', async (_when, keptBytes) => {
    await using under = await open();
    const random = seededRandom(10);
    const frames = Array.from({ length: 1_500 }, () => frame(random.pick(OUTPUT_STREAMS), random.bytes(random.integer(1, 2 * KIB))));
    const model = outputModel();
    model.append(frames);
    const writing = writeAll(await under.store.open(ID, { keptBytes }), frames);
    const reads = OUTPUT_STREAMS.map((stream) => readThrough(under.store, { id: ID, stream, until: writing }));
    for (const { stream, pieces, totals } of await Promise.all(reads)) {
      for (const piece of pieces) expect(model.has(stream, piece)).toBe(true);
      expect(totals).toEqual(totals.toSorted((a, b) => a - b));
      expect(totals.at(-1)).toBe(model.written()[stream]);
      expect(new Set(totals).size).toBeGreaterThan(3);
    }
    await writing;
    await expectHonest(under.store, model);
  });
}
