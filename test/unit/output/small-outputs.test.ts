import { join } from 'node:path';
import { expect, test } from 'vitest';
import { OUTPUT_STREAMS, type OutputStore, READABLE_STREAMS } from '../../../src/output/output-store.ts';
import { createSmallOutputs } from '../../../src/output/small-outputs.ts';
import { createSpool } from '../../../src/output/spool.ts';
import { type Random, seededRandom } from '../../support/random.ts';
import { tempFolder } from '../../support/temp-folder.ts';

const ID = 'proc_small';
const LIMITS = { keptBytes: 1024 * 1024 };

/** Of a server that wrote the output, and of one that has only its disk. */
async function expectSame(writing: OutputStore, root: string, random: Random): Promise<void> {
  const reading = await createSpool(root);
  for (const stream of READABLE_STREAMS) {
    const request = { stream, offset: random.integer(-50, 500), limit: random.integer(0, 400) };
    for (const asked of [request, { stream, offset: 0, limit: 1_000_000 }]) {
      expect(await writing.readFrames(ID, asked)).toEqual(await reading.readFrames(ID, asked));
      expect(await writing.read(ID, asked)).toEqual(await reading.read(ID, asked));
    }
  }
  expect(await writing.times(ID)).toEqual(await reading.times(ID));
}

test.each([1, 2, 3, 4])('what is in memory is what is on disk, from the first line until it is too much (seed %i)', async (seed) => {
  const random = seededRandom(seed);
  await using folder = await tempFolder();
  const root = join(folder.path, 'output');
  const store = await createSpool(root);
  let writer = await store.open(ID, LIMITS);
  await expectSame(store, root, random);
  for (let step = 0; step < 30; step += 1) {
    const data = random.bytes(random.pick([1, 20, 300, seed > 2 ? 5_000 : 40]));
    await writer.append([{ stream: random.pick(OUTPUT_STREAMS), data }]);
    // The engine's next bytes come into the same memory.
    data.fill(0);
    await expectSame(store, root, random);
    if (random.integer(1, 10) > 1) continue;
    await writer.close();
    writer = await store.open(ID, LIMITS);
    await expectSame(store, root, random);
  }
  await writer.close();
  await store.remove(ID);
  await expectSame(store, root, random);
});

test('a slice does not grow while it is read', () => {
  const small = createSmallOutputs();
  const add = small.begin(ID);
  const piece = { stream: 'stdout', time: 1, length: 1, parts: [Buffer.from('a')] } as const;
  add(piece);
  const found = small.find(ID);
  add(piece);
  expect(found?.frames).toHaveLength(1);
  expect(small.find(ID)?.frames).toHaveLength(2);
});

test('who prints much, or has begun long ago, takes no memory', () => {
  const small = createSmallOutputs();
  const add = small.begin(ID);
  add({ stream: 'stdout', time: 1, length: 9_000, parts: [Buffer.alloc(9_000)] });
  expect(small.find(ID)).toBeUndefined();
  small.begin('proc_first');
  for (let index = 0; index < 256; index += 1) small.begin(`proc_${index}`);
  expect(small.find('proc_first')).toBeUndefined();
  expect(small.find('proc_0')).toEqual({ before: { stdout: 0, stderr: 0 }, frames: [] });
});
