import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { DiskUse } from '../../../src/engine/container-engine.ts';
import { createEngineRoom } from '../../../src/execution/engine-room.ts';
import { until } from '../../support/until.ts';

function rig(answers: readonly (Partial<DiskUse> | Error)[]) {
  const left = [...answers];
  const seen = { asked: 0 };
  const diskUse = async (): Promise<DiskUse> => {
    seen.asked += 1;
    const answer = left.shift() ?? new Error('away');
    if (answer instanceof Error) throw answer;
    return { bytes: new Map(), freeBytes: undefined, ...answer };
  };
  return { seen, room: createEngineRoom({ diskUse }) };
}

test('nobody waits for the engine: there is room until it has said otherwise', async () => {
  const { room } = rig([{ freeBytes: 7 }]);
  expect(room()).toBe(Number.POSITIVE_INFINITY);
  await until(() => room() === 7, 'the answer');
});

test('an answer serves for a while', async () => {
  const { room, seen } = rig([{ freeBytes: 7 }]);
  room();
  await sleep(1);
  for (let look = 0; look < 100; look += 1) room();
  expect(seen.asked).toBe(1);
});

test.each([
  { title: 'cannot tell', answer: {} },
  { title: 'is away', answer: new Error('away') },
])('an engine that $title has room', async ({ answer }) => {
  const { room } = rig([answer]);
  room();
  await sleep(1);
  expect(room()).toBe(Number.POSITIVE_INFINITY);
});
