import { expect, test } from 'vitest';
import type { Position, ProcessEvent } from '../../../src/execution/process-events.ts';
import { createPlace, SCOPE, startServer, untilOver } from '../../support/place.ts';
import { until } from '../../support/until.ts';

const START: Position = { statuses: 0, offset: 0 };
const never = new AbortController().signal;
type Server = ReturnType<typeof startServer>;

/** What a follower has at the end, put together: statuses, and the bytes of each stream with every gap marked. */
function picture(events: readonly ProcessEvent[]): string {
  return events
    .map((event) => {
      if (event.kind === 'status') return `[${event.record.status}]`;
      return event.kind === 'output' ? Buffer.from(event.frame.data).toString() : `<${event.nextOffset - event.offset} gone>`;
    })
    .join('');
}

async function follow(server: Server, id: string, from = START): Promise<ProcessEvent[]> {
  const all: ProcessEvent[] = [];
  for await (const batch of server.watchProcess({ scope: SCOPE, id, from, idleMs: 60_000, signal: never })) all.push(...batch);
  return all;
}

test('live and replayed, the whole life is the same', async () => {
  const gates = Array.from({ length: 3 }, () => Promise.withResolvers<void>());
  const lines = gates.flatMap(({ promise }, index) => [{ wait: promise }, { print: `${index} ` }, { print: `e${index} `, on: 'stderr' as const }]);
  await using place = await createPlace(() => ({ steps: lines, ends: 3 }));
  const server = startServer(place);
  const { id } = await server.submit();
  const live = Promise.all([follow(server, id), follow(server, id)]);
  for (const { resolve } of gates) {
    resolve();
    await new Promise(setImmediate);
  }
  const expected = '[queued][running]0 e0 1 e1 2 e2 [failed]';
  expect((await live).map(picture)).toEqual([expected, expected]);
  expect(picture(await follow(server, id))).toBe(expected);
});

test('from every event on, the rest is the rest', async () => {
  const steps = Array.from({ length: 9 }, (_, index) => ({ print: `${index}`, on: index % 2 ? ('stderr' as const) : ('stdout' as const) }));
  await using place = await createPlace(() => ({ steps }));
  const server = startServer(place);
  const { id } = await untilOver(place, await server.submit());
  const whole = await follow(server, id);
  for (const [index, { position }] of whole.entries()) {
    if (index === whole.length - 1) continue;
    expect(picture(await follow(server, id, position))).toBe(picture(whole.slice(index + 1)));
  }
});

test('a follower that takes its time gets everything, and one that leaves holds nothing up', async () => {
  await using place = await createPlace(() => ({ steps: Array.from({ length: 40 }, () => ({ print: 'x'.repeat(10_000) })) }));
  const server = startServer(place);
  const { id } = await server.submit();
  const leaves = server.watchProcess({ scope: SCOPE, id, from: START, idleMs: 60_000, signal: never });
  await leaves.next();
  await leaves.return(undefined);
  const slow = server.watchProcess({ scope: SCOPE, id, from: START, idleMs: 60_000, signal: never });
  const first = await slow.next();
  await untilOver(place, { id });
  const rest: ProcessEvent[] = [...(first.value as ProcessEvent[])];
  for await (const batch of slow) {
    expect(batch.length).toBeLessThan(20);
    rest.push(...batch);
  }
  expect(picture(rest)).toBe(`[queued][running]${'x'.repeat(400_000)}[completed]`);
});

test('one that fell behind what is kept is told what it has missed', async () => {
  await using place = await createPlace(() => ({ steps: Array.from({ length: 100 }, () => ({ print: 'x'.repeat(10_000) })) }));
  const server = startServer(place);
  const { id } = await untilOver(place, await server.submit({ outputLimit: 100_000 }));
  const told = await follow(server, id);
  expect(told.filter(({ kind }) => kind === 'dropped')).toHaveLength(1);
  const bytes = told.reduce((sum, event) => {
    if (event.kind === 'output') return sum + event.frame.data.length;
    return event.kind === 'dropped' ? sum + event.nextOffset - event.offset : sum;
  }, 0);
  expect(bytes).toBe(1_000_000);
  expect(told.at(-1)).toMatchObject({ kind: 'status', record: { status: 'completed' } });
});

test('there is an empty batch now and then, and an end when it is given up', async () => {
  await using place = await createPlace(() => ({ ends: 'never' }));
  const server = startServer(place);
  const { id } = await server.submit();
  const given = new AbortController();
  const watched = server.watchProcess({ scope: SCOPE, id, from: START, idleMs: 5, signal: given.signal });
  await until(async () => (await watched.next()).value?.length === 0, 'an empty batch');
  given.abort();
  await until(async () => (await watched.next()).done, 'the end');
});

test('another scope has nothing to follow, and one that is removed ends without an end', async () => {
  await using place = await createPlace(() => ({ steps: [{ print: 'x'.repeat(200_000) }] }));
  const server = startServer(place);
  const { id } = await untilOver(place, await server.submit());
  const stranger = server.watchProcess({ scope: { ...SCOPE, tenant: 'globex' }, id, from: START, idleMs: 1, signal: never });
  expect((await stranger.next()).done).toBe(true);
  const slow = server.watchProcess({ scope: SCOPE, id, from: START, idleMs: 1, signal: never });
  await slow.next();
  await server.remove(SCOPE, id);
  for await (const batch of slow) expect(batch.map(({ kind }) => kind)).not.toContain('status');
});
