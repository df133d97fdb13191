import { expect, test } from 'vitest';
import { createFairQueue, type FairQueue } from '../../../src/execution/fair-queue.ts';

/** Ids are the tenant's letter and a number. */
function queueOf(...ids: string[]): FairQueue {
  const queue = createFairQueue();
  for (const id of ids) queue.push(id.charAt(0), id);
  return queue;
}

function takeAll(queue: FairQueue): string[] {
  const taken: string[] = [];
  for (let id = queue.shift(); id !== undefined; id = queue.shift()) taken.push(id);
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
  expect(queue.shift()).toBe('a1');
  queue.push('a', 'a2');
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
  queue.shift();
  expect(queue.remove('a', 'a1')).toBe(false);
  expect(queue.size).toBe(0);
});
