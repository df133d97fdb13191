import { EventEmitter } from 'node:events';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { expect, test } from 'vitest';
import { createBodyRoom } from '../../../src/http/body-room.ts';

/** A room of 20 bytes, 10 of them for one tenant, and calls by name. */
function rig() {
  const room = createBodyRoom({ most: 20, mostOfTenant: 10 });
  const inside: string[] = [];
  function call(name: string, tenant: string, bytes: number) {
    const raw = new EventEmitter();
    void room.take({ caller: { tenant } } as FastifyRequest, { raw } as unknown as FastifyReply, bytes).then(() => inside.push(name));
    return { end: () => raw.emit('close') };
  }
  return { inside, call };
}

test('calls that fit are let in at once', async () => {
  const { inside, call } = rig();
  call('a', 'acme', 4);
  call('b', 'acme', 6);
  await nextTurn();
  expect(inside).toEqual(['a', 'b']);
});

test("one that does not fit waits for its tenant's others, and not for those of another tenant", async () => {
  const { inside, call } = rig();
  const first = call('a1', 'acme', 10);
  call('a2', 'acme', 1);
  call('b', 'globex', 10);
  await nextTurn();
  expect(inside).toEqual(['a1', 'b']);
  first.end();
  await nextTurn();
  expect(inside).toEqual(['a1', 'b', 'a2']);
});

test('when all room is taken they come in their order', async () => {
  const { inside, call } = rig();
  const [first] = [call('a', 'acme', 10), call('b', 'globex', 8)];
  call('large', 'initech', 5);
  call('small', 'hooli', 1);
  await nextTurn();
  expect(inside).toEqual(['a', 'b']);
  first.end();
  await nextTurn();
  expect(inside).toEqual(['a', 'b', 'large', 'small']);
});

test('a call that leaves while it waits keeps nothing, and one larger than a share counts as a whole share', async () => {
  const { inside, call } = rig();
  const whole = call('a', 'acme', 99);
  const waiting = call('b', 'acme', 3);
  waiting.end();
  whole.end();
  call('c', 'acme', 10);
  await nextTurn();
  expect(inside).toEqual(['a', 'b', 'c']);
});
