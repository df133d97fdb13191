import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { createScheduler } from '../../../src/execution/scheduler.ts';
import type { LoadedProcess } from '../../../src/process/process-store.ts';
import { type TenantLimits, UNLIMITED } from '../../../src/tenancy/limits.ts';
import { newRecord } from '../../support/records.ts';

const of = (tenant: string, sandbox = 'default') => ({ tenant, sandbox });

/** A scheduler whose processes run until the test ends them. */
function createBench({ maxRunning = 2, maxQueued = 10, limits = {} as Partial<TenantLimits> } = {}) {
  const started: string[] = [];
  const fresh: LoadedProcess[] = [];
  const running = new Map<string, () => void>();
  const scheduler = createScheduler({
    maxRunning,
    maxQueued,
    usual: { memoryBytes: 100, cpus: 1 },
    limitsOf: () => ({ ...UNLIMITED, ...limits }),
    run(id, known) {
      if (known) fresh.push(known);
      const { promise, resolve } = Promise.withResolvers<void>();
      started.push(id);
      running.set(id, resolve);
      return promise;
    },
  });
  async function end(id: string): Promise<void> {
    running.get(id)?.();
    running.delete(id);
    await nextTurn();
  }
  return { scheduler, started, fresh, running, end, enqueue: (...ids: string[]) => ids.forEach((id) => void scheduler.enqueue(of('tenant'), id)) };
}

test('nothing runs before it is opened, and everything in order afterwards', () => {
  const { scheduler, started, enqueue } = createBench();
  enqueue('1', '2');
  expect(started).toEqual([]);
  expect(scheduler.counts()).toEqual({ running: 0, queued: 2 });
  scheduler.open();
  expect(started).toEqual(['1', '2']);
  expect(scheduler.counts()).toEqual({ running: 2, queued: 0 });
});

test('one that is just being recorded starts at once where it may, with what is known of it, and otherwise waits for nothing yet', async () => {
  const { scheduler, started, fresh, end } = createBench({ maxRunning: 1 });
  const [first, second] = [newRecord(), newRecord()].map((record) => ({ record, source: { code: '', env: {} } })) as [LoadedProcess, LoadedProcess];
  expect(scheduler.startAtOnce(first)).toBe(false);
  scheduler.open();
  expect([started, scheduler.counts()]).toEqual([[], { running: 0, queued: 0 }]);
  expect([scheduler.startAtOnce(first), scheduler.startAtOnce(second)]).toEqual([true, false]);
  await end(first.record.id);
  expect([started, fresh, scheduler.counts()]).toEqual([[first.record.id], [first], { running: 0, queued: 0 }]);
});

test('never more than the limit run at once, and a place that becomes free is taken', async () => {
  const { scheduler, started, running, end, enqueue } = createBench({ maxRunning: 2 });
  scheduler.open();
  enqueue('1', '2', '3', '4', '5');
  expect([...running.keys()]).toEqual(['1', '2']);
  for (const id of ['2', '1', '3', '4', '5']) {
    await end(id);
    expect(running.size).toBeLessThanOrEqual(2);
  }
  expect(started).toEqual(['1', '2', '3', '4', '5']);
  expect(scheduler.counts()).toEqual({ running: 0, queued: 0 });
});

test('tenants take turns', async () => {
  const { scheduler, started, end } = createBench({ maxRunning: 1 });
  for (const id of ['a1', 'a2', 'b1']) scheduler.enqueue(of(id.charAt(0)), id);
  scheduler.open();
  for (const id of ['a1', 'b1']) await end(id);
  expect(started).toEqual(['a1', 'b1', 'a2']);
});

test('what is cancelled never runs, and can be cancelled once', () => {
  const { scheduler, started, enqueue } = createBench();
  enqueue('1', '2');
  expect(scheduler.cancel('tenant', '1')).toBe(true);
  expect(scheduler.cancel('tenant', '1')).toBe(false);
  scheduler.open();
  expect(started).toEqual(['2']);
});

test('what runs cannot be cancelled', () => {
  const { scheduler, enqueue } = createBench();
  scheduler.open();
  enqueue('1');
  expect(scheduler.cancel('tenant', '1')).toBe(false);
  expect(scheduler.counts().running).toBe(1);
});

test('a place can be reserved while the queue or a container has room, then QUEUE_FULL', () => {
  const { scheduler } = createBench({ maxRunning: 2, maxQueued: 3 });
  for (let place = 1; place <= 5; place += 1) scheduler.reserve('tenant');
  expect(() => scheduler.reserve('tenant')).toThrow(expect.objectContaining({ code: 'QUEUE_FULL' }));
});

test('a released place can be reserved again', () => {
  const { scheduler } = createBench({ maxRunning: 1, maxQueued: 0 });
  const release = scheduler.reserve('tenant');
  expect(() => scheduler.reserve('tenant')).toThrow(expect.objectContaining({ code: 'QUEUE_FULL' }));
  release();
  expect(scheduler.reserve('tenant')).toBeTypeOf('function');
});

test('what waits and what runs takes up places', async () => {
  const { scheduler, end, enqueue } = createBench({ maxRunning: 1, maxQueued: 1 });
  scheduler.open();
  enqueue('1', '2');
  expect(() => scheduler.reserve('tenant')).toThrow(expect.objectContaining({ code: 'QUEUE_FULL' }));
  await end('1');
  expect(() => scheduler.reserve('tenant')()).not.toThrow();
});

test('what runs already counts until it ends', async () => {
  const { scheduler, started, enqueue } = createBench({ maxRunning: 1 });
  const adopted = Promise.withResolvers<void>();
  scheduler.occupy('tenant', adopted.promise);
  scheduler.open();
  enqueue('1');
  expect(started).toEqual([]);
  expect(scheduler.counts()).toEqual({ running: 1, queued: 1 });
  adopted.resolve();
  await nextTurn();
  expect(started).toEqual(['1']);
});

test('more may run already than the limit allows; nothing new starts until they are fewer', async () => {
  const { scheduler, started, enqueue } = createBench({ maxRunning: 1 });
  const adopted = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  for (const { promise } of adopted) scheduler.occupy('tenant', promise);
  scheduler.open();
  enqueue('1');
  adopted[0]?.resolve();
  await nextTurn();
  expect(started).toEqual([]);
  adopted[1]?.resolve();
  await nextTurn();
  expect(started).toEqual(['1']);
});

test('after close nothing starts, and what runs goes on', async () => {
  const { scheduler, started, running, end, enqueue } = createBench({ maxRunning: 2 });
  scheduler.open();
  enqueue('1', '2', '3');
  scheduler.close();
  await end('1');
  enqueue('4');
  expect(started).toEqual(['1', '2']);
  expect([...running.keys()]).toEqual(['2']);
  expect(scheduler.counts()).toEqual({ running: 1, queued: 2 });
});

test('of tenants that wait the one that runs fewest comes first', async () => {
  const { scheduler, started, end } = createBench({ maxRunning: 3 });
  scheduler.open();
  for (const id of ['a1', 'a2', 'a3', 'a4', 'a5']) scheduler.enqueue(of('a'), id);
  scheduler.enqueue(of('b'), 'b1');
  scheduler.enqueue(of('b'), 'b2');
  await end('a1');
  await end('b1');
  expect(started).toEqual(['a1', 'a2', 'a3', 'b1', 'b2']);
});

test('no more of a tenant run than it may, and others run beside it', async () => {
  const { scheduler, started, end } = createBench({ maxRunning: 4, limits: { processes: 2 } });
  scheduler.open();
  for (const id of ['a1', 'a2', 'a3']) scheduler.enqueue(of('a'), id);
  scheduler.enqueue(of('b'), 'b1');
  expect(started).toEqual(['a1', 'a2', 'b1']);
  expect(scheduler.usageOf('a')).toEqual({ running: 2, waiting: 1, memoryBytes: 200, cpus: 2 });
  await end('b1');
  expect(started).toHaveLength(3);
  await end('a1');
  expect(started).toContain('a3');
});

test('what a process needs counts against what its tenant may have in use', async () => {
  const { scheduler, started, end } = createBench({ maxRunning: 9, limits: { memoryBytes: 300 } });
  scheduler.open();
  scheduler.enqueue(of('a'), 'large', { memoryBytes: 250, cpus: 0.1 });
  scheduler.enqueue(of('a'), 'usual');
  expect(started).toEqual(['large']);
  await end('large');
  expect(started).toEqual(['large', 'usual']);
  expect(scheduler.usageOf('a')).toMatchObject({ running: 1, memoryBytes: 100 });
});

test('of eight containers one is left for a tenant that has none', () => {
  const { scheduler, started } = createBench({ maxRunning: 8, maxQueued: 20 });
  scheduler.open();
  for (let index = 1; index <= 9; index += 1) scheduler.enqueue(of('a'), `a${index}`);
  expect(started).toHaveLength(7);
  scheduler.enqueue(of('b'), 'b1');
  expect(started.at(-1)).toBe('b1');
});

test('a tenant that has as many waiting as it may is refused, and another is not', () => {
  const { scheduler } = createBench({ maxRunning: 4, limits: { processes: 1, queued: 2 } });
  const places = [1, 2, 3].map(() => scheduler.reserve('a'));
  expect(() => scheduler.reserve('a')).toThrow(expect.objectContaining({ code: 'TENANT_LIMIT' }));
  expect(() => scheduler.reserve('b')).not.toThrow();
  places[0]?.();
  expect(() => scheduler.reserve('a')).not.toThrow();
});

test('beside others no tenant gets more than half, and one that is alone may have nearly all', async () => {
  const { scheduler, running, end } = createBench({ maxRunning: 8, maxQueued: 50 });
  const runningOf = (tenant: string) => [...running.keys()].filter((id) => id.startsWith(tenant)).length;
  scheduler.open();
  for (let index = 1; index <= 9; index += 1) scheduler.enqueue({ tenant: 'a', sandbox: 'default' }, `a${index}`);
  expect(runningOf('a')).toBe(7);
  scheduler.enqueue({ tenant: 'b', sandbox: 'default' }, 'b1');
  await end('b1');
  for (let index = 1; index <= 5; index += 1) await end(`a${index}`);
  expect(runningOf('a')).toBe(4);
});
