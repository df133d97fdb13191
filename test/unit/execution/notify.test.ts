import { expect, test } from 'vitest';
import { createEvents } from '../../../src/execution/events.ts';
import { notifyingOutputs, notifyingStore } from '../../../src/execution/notify.ts';
import type { OutputStore } from '../../../src/output/output-store.ts';
import { createPlace, startServer, untilOver } from '../../support/place.ts';
import { newRecord, SCOPE, SOURCE } from '../../support/records.ts';

async function open() {
  const place = await createPlace();
  const events = createEvents();
  const told: unknown[] = [];
  events.onStatus(({ id, status }) => told.push([id, status]));
  return { place, events, told, store: notifyingStore(place.store, events), [Symbol.asyncDispose]: () => place[Symbol.asyncDispose]() };
}

test('each change of a record is told once it is on disk, and one that does not come about is not', async () => {
  await using under = await open();
  const { place, store, told, events } = under;
  const record = newRecord();
  const seen: unknown[] = [];
  events.onStatusOf(record.id, ({ status }) => void seen.push(place.store.find(SCOPE, record.id).then((found) => found?.status === status)));
  await store.insert(record, SOURCE);
  const start = { to: 'running', startingAt: 1, startedAt: 2, containerId: 'c' } as const;
  await store.transition(record.id, start);
  await store.transition(record.id, start);
  await store.transition('proc_unknown', start);
  expect(told).toEqual([
    [record.id, 'queued'],
    [record.id, 'running'],
  ]);
  expect(await Promise.all(seen)).toEqual([true, true]);
});

test('a repeated submission tells nothing', async () => {
  await using under = await open();
  const { store, told } = under;
  const key = { key: 'k', fingerprint: 'f' };
  for (const record of [newRecord({ acceptedAt: Date.now() }), newRecord({ acceptedAt: Date.now() })]) await store.insert(record, SOURCE, key);
  expect(told).toHaveLength(1);
});

test('output is told when readers see it, also the beginning of what was refused', async () => {
  await using under = await open();
  const { place, events } = under;
  const refusing: OutputStore = {
    ...place.outputs,
    async open(id, limits) {
      const writer = await place.outputs.open(id, limits);
      return {
        ...writer,
        async append(frames) {
          await writer.append(frames.slice(0, 1));
          if (frames.length > 1) throw new Error('full');
        },
      };
    },
  };
  const outputs = notifyingOutputs(refusing, events);
  const writer = await outputs.open('proc_a', { keptBytes: 1024 });
  const told: string[] = [];
  events.onOutputOf('proc_a', () => told.push('output'));
  const seen = async () => (await outputs.read('proc_a', { stream: 'stdout', offset: 0, limit: 100 })).totalBytes;
  const frame = { stream: 'stdout', data: Buffer.from('abc') } as const;
  await writer.append([frame]);
  expect([told.length, await seen()]).toEqual([1, 3]);
  await expect(writer.append([frame, frame])).rejects.toThrow('full');
  expect([told.length, await seen()]).toEqual([2, 6]);
  expect(writer.written).toEqual({ stdout: 6, stderr: 0 });
  await writer.close();
});

test('a server tells the whole life of a process', async () => {
  await using place = await createPlace(() => ({ steps: [{ print: 'text' }] }));
  const server = startServer(place);
  const told: string[] = [];
  server.events.onStatusIn(SCOPE, ({ status }) => told.push(status));
  await untilOver(place, await server.submit());
  expect(told).toEqual(['queued', 'running', 'completed']);
});
