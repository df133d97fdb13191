import { expect, test } from 'vitest';
import { sharedReads } from '../../../src/execution/shared-reads.ts';
import { createPlace } from '../../support/place.ts';

const REQUEST = { stream: 'all', offset: 0, limit: 10 } as const;

async function counting() {
  const place = await createPlace();
  let reads = 0;
  const outputs = sharedReads({
    ...place.outputs,
    readFrames(id, request) {
      reads += 1;
      return place.outputs.readFrames(id, request);
    },
  });
  return { outputs, reads: () => reads, [Symbol.asyncDispose]: () => place[Symbol.asyncDispose]() };
}

test('the same stretch asked for at once is read once, and others are read apart', async () => {
  await using under = await counting();
  const same = Array.from({ length: 50 }, () => under.outputs.readFrames('proc_a', REQUEST));
  const others = [under.outputs.readFrames('proc_b', REQUEST), under.outputs.readFrames('proc_a', { ...REQUEST, offset: 1 })];
  expect(new Set(await Promise.all(same)).size).toBe(1);
  await Promise.all(others);
  expect(under.reads()).toBe(3);
});

test('what came after a reading had begun is in the next', async () => {
  await using under = await counting();
  const writer = await under.outputs.open('proc_a', { keptBytes: 1024 });
  for (let bytes = 1; bytes <= 20; bytes += 1) {
    void under.outputs.readFrames('proc_a', REQUEST);
    await writer.append([{ stream: 'stdout', data: Buffer.from('x') }]);
    expect((await under.outputs.readFrames('proc_a', REQUEST)).totalBytes).toBe(bytes);
  }
  await writer.close();
});
