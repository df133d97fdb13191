import { describe, expect, it } from 'vitest';
import { OUTPUT_STREAMS, type OutputFrame, type OutputWriter, READABLE_STREAMS } from '../../src/output/output-store.ts';
import { outputModel, readAll, readThrough } from '../support/output-model.ts';
import { seededRandom } from '../support/random.ts';
import { bothTogether } from './output-store-frames.ts';
import { expectHonest, frame, ID, KIB, type OpenOutputStore, ROOMY, randomStretch, seeds, writeByChance, written } from './output-store-harness.ts';
import { changingLimits, overTheLimit } from './output-store-limits.ts';

export function outputStoreContract(name: string, open: OpenOutputStore): void {
  describe(`${name} as an output store`, () => {
    emptiness(open);
    results(open);
    exactness(open);
    bothTogether(open);
    overTheLimit(open);
    changingLimits(open);
    readingWhileWriting(open);
  });
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

  it('keeps artifacts of any bytes under their numbers, the newest of each, and removes them with the rest', async () => {
    await using under = await open();
    async function* pieces(...parts: string[]) {
      for (const part of parts) yield Buffer.from(part, 'latin1');
    }
    async function read(index: number): Promise<string | undefined> {
      const data = await under.store.artifact(ID, index);
      const parts: Uint8Array[] = [];
      for await (const part of data ?? []) parts.push(part);
      return data && Buffer.concat(parts).toString('latin1');
    }
    expect(await read(0)).toBeUndefined();
    await under.store.keepArtifact(ID, 0, pieces('first'));
    await under.store.keepArtifact(ID, 0, pieces('\0\xff', '', 'x'));
    await under.store.keepArtifact(ID, 12, pieces());
    expect([await read(0), await read(1), await read(12)]).toEqual(['\0\xffx', undefined, '']);
    expect(await under.store.list()).toEqual([ID]);
    await under.store.remove(ID);
    expect(await read(0)).toBeUndefined();
  });

  it('removes an id as often as one likes, and knows nothing of it afterwards', async () => {
    await using under = await open();
    await written(under.store, [frame('stdout', 'gone')]);
    await written(under.store, [frame('stderr', 'gone')]);
    for (let times = 0; times < 3; times += 1) await under.store.remove(ID);
    await under.store.remove('proc_unknown');
    for (const stream of READABLE_STREAMS) expect(await under.store.read(ID, { stream, offset: 0, limit: 10 })).toMatchObject(nothing);
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

function results(open: OpenOutputStore): void {
  it('keeps a result beside the output, byte by byte, and the last one that it was given', async () => {
    await using under = await open();
    expect(await under.store.result(ID)).toBeUndefined();
    await written(under.store, [frame('stdout', 'out')]);
    const bytes = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
    await under.store.keepResult(ID, Buffer.from('first'));
    await under.store.keepResult(ID, bytes);
    expect(Buffer.from((await under.store.result(ID)) ?? [])).toEqual(bytes);
    expect(await readAll(under.store, { id: ID, stream: 'stdout' })).toMatchObject({ totalBytes: 3 });
    await under.store.remove(ID);
    expect(await under.store.result(ID)).toBeUndefined();
  });

  it('keeps one of a process without output, and removes it with it', async () => {
    await using under = await open();
    await under.store.keepResult(ID, Buffer.from('{}'));
    expect(await under.store.list()).toEqual([ID]);
    expect(await under.store.times(ID)).toBeUndefined();
    await under.store.remove(ID);
    expect(await under.storedBytes()).toBe(0);
  });
}

function exactness(open: OpenOutputStore): void {
  it.each(seeds(12))('gives back every byte under the limit, whatever is written, reopened and read (seed %d)', async (seed) => {
    await using under = await open();
    const random = seededRandom(seed);
    await writeByChance({ store: under.store, random, keptBytes: ROOMY.keptBytes }, async (model) => {
      const stream = random.pick(READABLE_STREAMS);
      const request = { stream, ...randomStretch(random, model.total(stream)) };
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
    const reads = READABLE_STREAMS.map((stream) => readThrough(under.store, { id: ID, stream, until: writing }));
    for (const { stream, pieces, totals } of await Promise.all(reads)) {
      for (const piece of pieces) expect(model.has(stream, piece)).toBe(true);
      expect(totals).toEqual(totals.toSorted((a, b) => a - b));
      expect(totals.at(-1)).toBe(model.total(stream));
      expect(new Set(totals).size).toBeGreaterThan(3);
    }
    await writing;
    await expectHonest(under.store, model);
  });
}
