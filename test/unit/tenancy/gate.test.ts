import { expect, test } from 'vitest';
import { createGate } from '../../../src/tenancy/gate.ts';

const never = new AbortController().signal;

/** Enters, and tells whether it is in yet. */
function entering(gate: ReturnType<typeof createGate>, tenant: string, signal = never) {
  const state = { isIn: false, leave: () => undefined as unknown };
  const entered = gate.enter(tenant, signal).then((leave) => Object.assign(state, { isIn: true, leave }));
  entered.catch(() => undefined);
  return Object.assign(state, { entered });
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

test('it lets in as many as there may be, of one tenant and of all, and the next when one leaves', async () => {
  const gate = createGate({ all: 3, perTenant: () => 2, waiting: 9 });
  const entered = ['a', 'a', 'a', 'b', 'c'].map((tenant) => entering(gate, tenant));
  const isIn = () => entered.map((each) => each.isIn);
  await turn();
  expect(isIn()).toEqual([true, true, false, true, false]);
  entered[3]?.leave();
  entered[3]?.leave();
  await turn();
  expect(isIn()).toEqual([true, true, false, true, true]);
  entered[0]?.leave();
  await turn();
  expect(isIn()).toEqual([true, true, true, true, true]);
});

test('the tenants that wait take turns, those first that have fewest inside, however many of another wait before', async () => {
  const gate = createGate({ all: 2, perTenant: () => 2, waiting: 9 });
  const order: string[] = [];
  const inside: (() => void)[] = [];
  for (const who of ['a1', 'b1', 'a2', 'a3', 'a4', 'b2', 'c1', 'c2']) {
    void gate.enter(who.charAt(0), never).then((leave) => {
      order.push(who);
      inside.push(leave);
    });
  }
  for (let left = 0; left < 8; left += 1) {
    await turn();
    inside.shift()?.();
  }
  expect(order).toEqual(['a1', 'b1', 'a2', 'b2', 'c1', 'a3', 'c2', 'a4']);
});

test('how many of a tenant may be inside is asked whenever somebody comes or leaves', async () => {
  let most = 1;
  const gate = createGate({ all: 9, perTenant: () => most, waiting: 9 });
  const entered = ['a', 'a', 'a', 'a'].map((tenant) => entering(gate, tenant));
  const count = () => entered.filter(({ isIn }) => isIn).length;
  await turn();
  expect(count()).toBe(1);
  most = 3;
  entered[0]?.leave();
  await turn();
  expect(count()).toBe(4);
});

test('it refuses when too many of a tenant wait, and not another tenant', async () => {
  const gate = createGate({ all: 1, perTenant: () => 1, waiting: 1 });
  entering(gate, 'a');
  entering(gate, 'a');
  await expect(gate.enter('a', never)).rejects.toMatchObject({ code: 'TENANT_LIMIT' });
  const other = entering(gate, 'b');
  await turn();
  expect(other.isIn).toBe(false);
});

test('who gives up waiting leaves the queue', async () => {
  const gate = createGate({ all: 1, perTenant: () => 1, waiting: 1 });
  const first = entering(gate, 'a');
  const gone = new AbortController();
  const second = entering(gate, 'a', gone.signal);
  gone.abort(new Error('left'));
  await expect(second.entered).rejects.toThrow('left');
  const third = entering(gate, 'a');
  await turn();
  first.leave();
  await turn();
  expect(third.isIn).toBe(true);
  await expect(gate.enter('b', gone.signal)).rejects.toThrow('left');
});
