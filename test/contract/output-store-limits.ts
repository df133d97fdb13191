import { expect, it } from 'vitest';
import { OUTPUT_STREAMS, READABLE_STREAMS } from '../../src/output/output-store.ts';
import { outputModel, readAll } from '../support/output-model.ts';
import { seededRandom } from '../support/random.ts';
import { expectHonest, frame, ID, KIB, type OpenOutputStore, randomStretch, seeds, TIGHT, writeByChance, written } from './output-store-harness.ts';

/** Of each half of the limit; the rest is for headers and for dropping in steps. */
const KEPT_AT_LEAST = 0.8;
/** Of the limit, on disk. */
const STORED_AT_MOST = 1.3;

export function overTheLimit(open: OpenOutputStore): void {
  it.each(seeds(12))('shows no wrong byte and no silent gap over the limit (seed %d)', async (seed) => {
    await using under = await open();
    const random = seededRandom(1_000 + seed);
    const model = await writeByChance({ store: under.store, random, keptBytes: 64 * KIB }, async (current) => {
      const stream = random.pick(READABLE_STREAMS);
      const totalBytes = current.total(stream);
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
      expect(await under.storedBytes()).toBeLessThan(TIGHT.keptBytes * STORED_AT_MOST);
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
      expect(await under.storedBytes()).toBeLessThan(TIGHT.keptBytes * STORED_AT_MOST);
    }
    await writer.close();
  });
}

export function changingLimits(open: OpenOutputStore): void {
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
