import { expect, it } from 'vitest';
import { type OutputStore, READABLE_STREAMS, type ReadRequest } from '../../src/output/output-store.ts';
import { seededRandom } from '../support/random.ts';
import { frame, ID, KIB, type OpenOutputStore, ROOMY, randomStretch, seeds, writeByChance, written } from './output-store-harness.ts';

/** Both streams in the order of their arrival, and the pieces in which it came. */
export function bothTogether(open: OpenOutputStore): void {
  it('gives both streams in the order in which their pieces came, each with its stream, place and time', async () => {
    await using under = await open();
    const before = Date.now();
    const writer = await under.store.open(ID, ROOMY);
    for (const each of [frame('stdout', 'a'), frame('stderr', 'BC'), frame('stdout', 'd'), frame('stdout', 'e')]) await writer.append([each]);
    await writer.close();
    const { frames, ...stretch } = await under.store.readFrames(ID, { stream: 'all', offset: 0, limit: 100 });
    expect(frames.map(({ stream, data, offset }) => [stream, Buffer.from(data).toString(), offset])).toEqual([
      ['stdout', 'a', 0],
      ['stderr', 'BC', 1],
      ['stdout', 'd', 3],
      ['stdout', 'e', 4],
    ]);
    expect(stretch).toEqual({ offset: 0, nextOffset: 5, totalBytes: 5, droppedBytes: 0 });
    for (const { time } of frames) expect(time).toBeGreaterThanOrEqual(before);
    expect(await under.store.readFrames(ID, { stream: 'all', offset: 2, limit: 2 })).toMatchObject({
      frames: [
        { stream: 'stderr', data: Buffer.from('C'), offset: 2 },
        { stream: 'stdout', data: Buffer.from('d'), offset: 3 },
      ],
    });
  });

  it('goes on with the order when it is opened again', async () => {
    await using under = await open();
    await written(under.store, [frame('stdout', 'one '), frame('stderr', 'two ')]);
    await written(under.store, [frame('stderr', 'three '), frame('stdout', 'four')]);
    const { data } = await under.store.read(ID, { stream: 'all', offset: 0, limit: 100 });
    expect(Buffer.from(data).toString()).toBe('one two three four');
  });

  it.each([
    ['under the limit', ROOMY.keptBytes],
    ['over the limit', 64 * KIB],
  ])('the pieces of a stretch are the stretch, without a gap, and say rightly where they are from, %s', async (_title, keptBytes) => {
    for (const seed of seeds(4)) {
      await using under = await open();
      const random = seededRandom(2_000 + seed);
      await writeByChance({ store: under.store, random, keptBytes }, async (model) => {
        const stream = random.pick(READABLE_STREAMS);
        const frames = await expectPieces(under.store, { stream, ...randomStretch(random, model.total(stream)) });
        if (stream === 'all') expect(frames.every((each) => model.hasOf(each))).toBe(true);
        else expect(frames.every((each) => each.stream === stream)).toBe(true);
      });
    }
  });
}

async function expectPieces(store: OutputStore, request: ReadRequest) {
  const { frames, ...stretch } = await store.readFrames(ID, request);
  const { data, ...expected } = await store.read(ID, request);
  expect(stretch).toEqual(expected);
  expect(Buffer.concat(frames.map((each) => each.data)).equals(data)).toBe(true);
  let end = stretch.offset;
  let time = 0;
  for (const each of frames) {
    expect(each.offset).toBe(end);
    expect(each.time).toBeGreaterThanOrEqual(time);
    end += each.data.length;
    time = each.time;
  }
  expect(end).toBe(stretch.nextOffset);
  return frames;
}
