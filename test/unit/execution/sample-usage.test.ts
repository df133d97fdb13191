import { expect, test } from 'vitest';
import { sampleUsage } from '../../../src/execution/sample-usage.ts';
import type { Usage } from '../../../src/process/record.ts';
import { createPlace, SCOPE, startServer, untilOver } from '../../support/place.ts';
import { until } from '../../support/until.ts';

/** A look that answers what is given, one after another, and then nothing. */
function looksThatAnswer(answers: readonly (Usage | undefined)[]) {
  let looks = 0;
  const usage = async () => {
    looks += 1;
    return answers[looks - 1];
  };
  return { usage, looks: () => looks };
}

test('of a process that is over before the first look nothing is known', () => {
  const { usage, looks } = looksThatAnswer([{ peakMemoryBytes: 1, cpuMs: 1 }]);
  expect(sampleUsage({ usage })()).toBeNull();
  expect(looks()).toBe(0);
});

test('the most that was seen counts, each by itself', async () => {
  const { usage, looks } = looksThatAnswer([
    { peakMemoryBytes: 50, cpuMs: 10 },
    { peakMemoryBytes: 20, cpuMs: 30 },
  ]);
  const stop = sampleUsage({ usage });
  await until(() => looks() === 2, 'the second look');
  await until(() => stop()?.cpuMs === 30, 'what it answered');
  expect(stop()).toEqual({ peakMemoryBytes: 50, cpuMs: 30 });
});

test('an engine that cannot tell changes nothing', async () => {
  const { usage, looks } = looksThatAnswer([{ peakMemoryBytes: 50, cpuMs: 10 }, undefined]);
  const stop = sampleUsage({ usage });
  await until(() => looks() === 2, 'the second look');
  expect(stop()).toEqual({ peakMemoryBytes: 50, cpuMs: 10 });
});

test('what a process used is on its record', async () => {
  await using place = await createPlace(() => ({ ends: 'never' }));
  const { usage, looks } = looksThatAnswer([{ peakMemoryBytes: 5_000, cpuMs: 70 }]);
  const prepare: typeof place.engine.prepare = async (...how) => {
    const container = await place.engine.prepare(...how);
    const begin: typeof container.begin = async (job) => {
      const running = await container.begin(job);
      return running && { ...running, usage };
    };
    return { ...container, begin };
  };
  const server = startServer(place, { engine: { ...place.engine, prepare } });
  const process = await server.submit();
  await until(() => looks() > 0, 'a look at it');
  await server.kill(SCOPE, process.id);
  expect(await untilOver(place, process)).toMatchObject({ status: 'killed', usage: { peakMemoryBytes: 5_000, cpuMs: 70 } });
});
