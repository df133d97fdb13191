import { expect, test } from 'vitest';
import type { Step } from '../../support/fake-container.ts';
import { createPlace, outputOf, type Place, read, SCOPE, startServer, untilOver } from '../../support/place.ts';
import { until } from '../../support/until.ts';

const LIMIT = 8_192;
const KILL = { outputLimit: LIMIT, onOutputLimit: 'kill' } as const;
const TRUNCATE = { outputLimit: LIMIT, onOutputLimit: 'truncate' } as const;
const NEVER = { wait: new Promise(() => undefined) };
const print = (length: number): Step => ({ print: 'x'.repeat(length) });
/** Much more than the limit, with an end that tells itself from the rest. */
const FLOOD: readonly Step[] = [{ print: 'head' }, ...Array.from({ length: 40 }, () => print(1_000)), { print: 'tail' }];
const FLOOD_BYTES = 40_008;

/** The first and the last four bytes of the standard output, and its counts. */
async function ends({ outputs }: Place, { id }: { id: string }) {
  const first = await outputs.read(id, { stream: 'stdout', offset: 0, limit: 4 });
  const last = await outputs.read(id, { stream: 'stdout', offset: -4, limit: 4 });
  const { totalBytes, droppedBytes } = last;
  return { text: [first, last].map(({ data }) => Buffer.from(data).toString()), totalBytes, droppedBytes };
}

test('over the limit a process that chose so is ended, and its head and tail are kept', async () => {
  await using place = await createPlace(() => ({ steps: FLOOD, ends: 'never' }));
  const record = await untilOver(place, await startServer(place).submit(KILL));
  expect(record).toMatchObject({
    status: 'failed',
    cause: 'output_limit',
    exitCode: 143,
    failure: { kind: 'output_limit', message: expect.stringMatching(/8192 bytes.*stopped\.$/) },
    outputComplete: true,
  });
  const kept = await ends(place, record);
  expect(kept).toEqual({ text: ['head', 'tail'], totalBytes: FLOOD_BYTES, droppedBytes: expect.any(Number) });
  expect(kept.droppedBytes).toBeGreaterThan(FLOOD_BYTES - 2 * LIMIT);
  expect(record.storedBytes).toBeLessThan(2 * LIMIT);
});

test('over the limit a process that did not choose so goes on, and its head and tail are kept', async () => {
  await using place = await createPlace(() => ({ steps: FLOOD, ends: 3 }));
  const record = await untilOver(place, await startServer(place).submit(TRUNCATE));
  expect(record).toMatchObject({ status: 'failed', cause: null, exitCode: 3, failure: { kind: 'exit' }, outputComplete: true });
  const kept = await ends(place, record);
  expect(kept).toEqual({ text: ['head', 'tail'], totalBytes: FLOOD_BYTES, droppedBytes: expect.any(Number) });
  expect(kept.droppedBytes).toBeGreaterThan(0);
});

test.each([
  { title: 'as much as the limit, on one stream', steps: [print(LIMIT)], isOver: false },
  { title: 'as much as the limit, on both', steps: [print(LIMIT - 1), { print: 'x', on: 'stderr' as const }], isOver: false },
  { title: 'one byte more, on one stream', steps: [print(LIMIT), print(1)], isOver: true },
  { title: 'one byte more, on both', steps: [print(LIMIT - 1), { print: 'xx', on: 'stderr' as const }], isOver: true },
])('a process that writes $title is ended: $isOver', async ({ steps, isOver }) => {
  const goOn = Promise.withResolvers<void>();
  await using place = await createPlace(() => ({ steps: [...steps, isOver ? NEVER : { wait: goOn.promise }] }));
  const process = await startServer(place).submit(KILL);
  await until(async () => (await outputOf(place, process, steps.length > 1 && 'on' in Object(steps[1]) ? 'stderr' : 'stdout')) !== '', 'its output');
  goOn.resolve();
  expect(await untilOver(place, process)).toMatchObject(
    isOver ? { status: 'failed', failure: { kind: 'output_limit' } } : { status: 'completed', cause: null },
  );
});

test('a process over its limit that ends is read to its end at once, however slowly a flood is read', async () => {
  await using place = await createPlace(() => ({ steps: FLOOD }));
  const record = await untilOver(place, await startServer(place, { floodBytesPerSecond: 1 }).submit(TRUNCATE));
  expect(record).toMatchObject({ status: 'completed', outputComplete: true });
  expect(await ends(place, record)).toMatchObject({ text: ['head', 'tail'], totalBytes: FLOOD_BYTES });
});

test('a process over its limit is killed at once, however slowly a flood is read', async () => {
  // More than is read ahead.
  const steps = [{ print: 'head' }, ...Array.from({ length: 4 }, () => print(1_048_576)), { print: 'tail' }];
  const floodBytes = 4 * 1_048_576 + 8;
  await using place = await createPlace(() => ({ steps, ends: 'never' }));
  const server = startServer(place, { floodBytesPerSecond: 1 });
  const process = await server.submit(TRUNCATE);
  await until(async () => (await ends(place, process)).totalBytes > LIMIT, 'it to be over its limit');
  expect((await read(place, process)).status).toBe('running');
  expect((await ends(place, process)).totalBytes).toBeLessThan(floodBytes);
  expect(await server.kill(SCOPE, process.id)).toMatchObject({ kind: 'killed', record: { outputComplete: true } });
  expect(await ends(place, process)).toMatchObject({ text: ['head', 'tail'], totalBytes: floodBytes });
});
