import { expect, test } from 'vitest';
import { createFairQueue, type FairQueue } from '../../../src/execution/fair-queue.ts';

const demand = { memoryBytes: 1, cpus: 1 };
const equal = () => 0;
const waiting = (id: string) => ({ tenant: id.charAt(0), sandbox: 'default', id, demand });

/** Ids are the tenant's letter and a number. */
function queueOf(...ids: string[]): FairQueue {
  const queue = createFairQueue();
  for (const id of ids) queue.push(waiting(id));
  return queue;
}

function takeAll(queue: FairQueue): string[] {
  const taken: string[] = [];
  for (let next = queue.shift(equal); next !== undefined; next = queue.shift(equal)) taken.push(next.id);
  return taken;
}

test.each([
  { title: 'an empty queue has nothing', pushed: [], taken: [] },
  { title: 'one tenant is served in the order of arrival', pushed: ['a1', 'a2', 'a3'], taken: ['a1', 'a2', 'a3'] },
  { title: 'tenants take turns, however much the first one has', pushed: ['a1', 'a2', 'a3', 'b1', 'b2'], taken: ['a1', 'b1', 'a2', 'b2', 'a3'] },
  { title: 'three tenants take turns', pushed: ['a1', 'a2', 'b1', 'c1', 'c2'], taken: ['a1', 'b1', 'c1', 'a2', 'c2'] },
])('$title', ({ pushed, taken }) => {
  const queue = queueOf(...pushed);
  expect(queue.size).toBe(pushed.length);
  expect(takeAll(queue)).toEqual(taken);
  expect(queue.size).toBe(0);
});

test('a tenant that was just served stands behind the others when it comes again', () => {
  const queue = queueOf('a1', 'b1', 'b2');
  expect(queue.shift(equal)?.id).toBe('a1');
  queue.push(waiting('a2'));
  expect(takeAll(queue)).toEqual(['b1', 'a2', 'b2']);
});

test('what is removed is not taken, and the others keep their order', () => {
  const queue = queueOf('a1', 'a2', 'a3', 'b1');
  expect(queue.remove('a', 'a2')).toBe(true);
  expect(queue.size).toBe(3);
  expect(takeAll(queue)).toEqual(['a1', 'b1', 'a3']);
});

test('a tenant whose last one is removed loses its turn, and others go on', () => {
  const queue = queueOf('a1', 'b1');
  queue.remove('a', 'a1');
  expect(takeAll(queue)).toEqual(['b1']);
});

test.each([
  { title: 'an id that was never there', tenant: 'a', id: 'a9' },
  { title: "another tenant's id", tenant: 'b', id: 'a1' },
  { title: 'a tenant that was never there', tenant: 'z', id: 'a1' },
])('removing $title says no and changes nothing', ({ tenant, id }) => {
  const queue = queueOf('a1', 'b1');
  expect(queue.remove(tenant, id)).toBe(false);
  expect(takeAll(queue)).toEqual(['a1', 'b1']);
});

test('what was taken cannot be removed any more', () => {
  const queue = queueOf('a1');
  queue.shift(equal);
  expect(queue.remove('a', 'a1')).toBe(false);
  expect(queue.size).toBe(0);
});

test('the tenant of the lowest rank comes first, and of equals whose turn it is', () => {
  const ranks: Record<string, number> = { a: 2, b: 1, c: 1 };
  const queue = queueOf('a1', 'b1', 'b2', 'c1');
  const order = [1, 2, 3, 4].map(() => queue.shift((tenant) => ranks[tenant])?.id);
  expect(order).toEqual(['b1', 'c1', 'b2', 'a1']);
});

test('a tenant without a rank keeps its place until it has one', () => {
  const queue = queueOf('a1', 'b1');
  const onlyB = (tenant: string) => (tenant === 'b' ? 0 : undefined);
  expect(queue.shift(onlyB)?.id).toBe('b1');
  expect(queue.shift(onlyB)).toBeUndefined();
  expect(queue.size).toBe(1);
  expect(takeAll(queue)).toEqual(['a1']);
});

test('a rank is asked with what the next process needs', () => {
  const queue = createFairQueue();
  queue.push({ tenant: 'a', sandbox: 'default', id: 'a1', demand: { memoryBytes: 7, cpus: 2 } });
  const asked: unknown[] = [];
  queue.shift((...question) => void asked.push(question));
  expect(asked).toEqual([['a', { memoryBytes: 7, cpus: 2 }]]);
});

test('what waits is counted by tenant, and once when it is pushed twice', () => {
  const queue = queueOf('a1', 'a1', 'a2', 'b1');
  expect([queue.size, queue.sizeOf('a'), queue.sizeOf('b'), queue.sizeOf('z')]).toEqual([3, 2, 1, 0]);
});

test('what may not go now is passed over, keeps its place and holds up nobody', () => {
  const queue = queueOf('a1', 'a2', 'b1');
  const mayGo = ({ id }: { id: string }) => id !== 'a1';
  expect(queue.shift(equal, mayGo)?.id).toBe('a2');
  expect(queue.shift(equal, mayGo)?.id).toBe('b1');
  expect(queue.shift(equal, mayGo)).toBeUndefined();
  expect(queue.size).toBe(1);
  expect(takeAll(queue)).toEqual(['a1']);
});
