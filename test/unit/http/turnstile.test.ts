import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { createTurnstile } from '../../../src/http/turnstile.ts';
import { until } from '../../support/until.ts';

const HOUR_MS = 3_600_000;

/** Requests whose entrance is noted, and that stay inside until they are told to leave. The first letter of a name is its tenant. */
function createBench({ workMs = HOUR_MS, idleMs = HOUR_MS, restFactor = 0, isBusy = (): boolean => true } = {}) {
  const turnstile = createTurnstile({ workMs, idleMs, restFactor, isBusy });
  const inside = new Map<string, () => void>();
  return {
    entered: () => [...inside.keys()],
    async come(...names: string[]) {
      for (const name of names) void turnstile(name.charAt(0)).then((leave) => inside.set(name, leave));
      await sleep(5);
    },
    leave: (name: string) => inside.get(name)?.(),
    untilEntered: (...names: string[]) => until(() => names.every((name) => inside.has(name)), `${names} to be inside`),
  };
}

test('a tenant that calls alone is never held up', async () => {
  const bench = createBench();
  await bench.come('a1', 'a2', 'a3');
  expect(bench.entered()).toEqual(['a1', 'a2', 'a3']);
});

test('nobody is held up while there is time for all', async () => {
  const bench = createBench({ isBusy: () => false });
  await bench.come('b1', 'a1', 'a2', 'a3');
  expect(bench.entered()).toEqual(['b1', 'a1', 'a2', 'a3']);
});

test('beside others, requests of one tenant are worked on one after the other, in their order, and those of the others do not wait for them', async () => {
  const bench = createBench();
  await bench.come('b1', 'a1', 'a2', 'a3', 'c1');
  expect(bench.entered()).toEqual(['b1', 'a1', 'c1']);
  bench.leave('a1');
  await bench.untilEntered('a2');
  expect(bench.entered()).not.toContain('a3');
  bench.leave('a2');
  bench.leave('a2');
  await bench.untilEntered('a3');
});

test('the next one waits besides for a multiple of the time that the last one took', async () => {
  const bench = createBench({ restFactor: 1_000_000 });
  await bench.come('b1', 'a1', 'a2');
  bench.leave('a1');
  await sleep(50);
  expect(bench.entered()).toEqual(['b1', 'a1']);
});

test('a request that takes long no longer counts, so that one that waits for an end holds up nobody', async () => {
  const bench = createBench({ workMs: 10 });
  await bench.come('b1', 'a1', 'a2', 'a3');
  await bench.untilEntered('a3');
  bench.leave('a1');
});

test('a tenant that has not called for a while is no company', async () => {
  const bench = createBench({ idleMs: 0 });
  await bench.come('b1', 'a1', 'a2');
  expect(bench.entered()).toEqual(['b1', 'a1', 'a2']);
});
