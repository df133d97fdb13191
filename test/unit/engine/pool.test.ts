import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { ContainerEngine, ContainerSpec, PreparedContainer } from '../../../src/engine/container-engine.ts';
import { createPool } from '../../../src/engine/pool.ts';
import { CoracleError } from '../../../src/errors.ts';
import type { Script } from '../../support/fake-container.ts';
import { createFakeEngine } from '../../support/fake-engine.ts';
import { specOf } from '../../support/leftovers.ts';
import { until } from '../../support/until.ts';

const NEVER = new AbortController().signal;

interface Options {
  readonly room?: () => number;
  readonly mostPerSandbox?: number;
  readonly script?: (spec: ContainerSpec, attempt: number) => Script;
  readonly fit?: PreparedContainer['fit'];
}

/** A pool, the specs that its engine was asked for, and the ids that were removed. */
function rig({ room = () => 4, mostPerSandbox = 2, script = () => ({}), fit }: Options = {}) {
  const asked: ContainerSpec[] = [];
  const engine = createFakeEngine({
    program(spec, attempt) {
      asked.push(spec);
      return script(spec, attempt);
    },
  });
  const removed: string[] = [];
  const watched: ContainerEngine = {
    ...engine,
    async prepare(spec, signal) {
      const container = await engine.prepare(spec, signal);
      return {
        ...container,
        fit: fit ?? container.fit,
        async remove() {
          removed.push(container.id);
          await container.remove();
        },
      };
    },
  };
  return { engine, asked, removed, pool: createPool({ engine: watched, mostPerSandbox, room }) };
}

const ready = (pool: { size: number }, count: number) => until(() => pool.size === count, `${count} containers ready`);

test('the first of a kind is made for its caller, and from then on one is ready', async () => {
  const { pool, asked } = rig();
  const first = await pool.prepare(specOf(), NEVER);
  await ready(pool, 1);
  const second = await pool.prepare(specOf(), NEVER);
  expect(second.id).not.toBe(first.id);
  expect(asked).toHaveLength(2);
  await until(() => asked.length >= 3, 'another one');
});

test('one with a network is for nobody who has none, nor the other way round', async () => {
  const { pool, asked } = rig();
  await pool.prepare(specOf(), NEVER);
  await ready(pool, 1);
  await pool.prepare({ ...specOf(), network: 'internet' }, NEVER);
  expect(asked.filter(({ network }) => network === 'internet')).toHaveLength(1);
  await ready(pool, 2);
  await pool.prepare({ ...specOf(), network: 'internet' }, NEVER);
  await pool.prepare(specOf(), NEVER);
  expect(asked.slice(0, 4).map(({ network }) => network)).toEqual([undefined, undefined, 'internet', 'internet']);
});

test('each is handed out once', async () => {
  const { pool } = rig();
  const containers: PreparedContainer[] = [];
  for (let count = 0; count < 10; count += 1) containers.push(await pool.prepare(specOf(), NEVER));
  const together = await Promise.all(Array.from({ length: 10 }, () => pool.prepare(specOf(), NEVER)));
  expect(new Set([...containers, ...together].map(({ id }) => id)).size).toBe(20);
});

test('one that is made for its caller says so, one that is made ahead is for any request', async () => {
  const { pool, asked } = rig();
  const first = await pool.prepare({ ...specOf(), requestId: 'req_1' }, NEVER);
  await ready(pool, 1);
  const second = await pool.prepare({ ...specOf(), requestId: 'req_2' }, NEVER);
  expect(second.id).not.toBe(first.id);
  expect(asked.slice(0, 2).map(({ requestId }) => requestId)).toEqual(['req_1', undefined]);
});

test.each<{ what: string; other: Partial<ContainerSpec> }>([
  { what: 'sandbox', other: { sandboxId: 'another' } },
  { what: 'tenant', other: { scope: { tenant: 'other', sandbox: 'default' } } },
  { what: 'image', other: { image: 'python' } },
  { what: 'user', other: { uid: 20_001 } },
  { what: 'size of /tmp', other: { limits: { ...specOf().limits, tmpBytes: 1 } } },
])('none goes to another $what', async ({ other }) => {
  const { pool, asked } = rig();
  await pool.prepare(specOf(), NEVER);
  await ready(pool, 1);
  await pool.prepare({ ...specOf(), ...other }, NEVER);
  expect(asked.at(2)).toMatchObject(other);
});

test('one that was made with other limits is fitted, and only then', async () => {
  const fitted: number[] = [];
  const { pool } = rig({ room: () => 1, fit: async ({ pids }) => void fitted.push(pids) });
  await pool.prepare(specOf(), NEVER);
  for (const pids of [specOf().limits.pids, 7]) {
    await ready(pool, 1);
    await pool.prepare({ ...specOf(), limits: { ...specOf().limits, pids } }, NEVER);
  }
  expect(fitted).toEqual([7]);
});

test('one that cannot be fitted is removed, and another is made', async () => {
  const refusal = new CoracleError('ENGINE_REFUSED', 'No. See the log.');
  const { pool, asked, removed } = rig({ room: () => 1, fit: () => Promise.reject(refusal) });
  await pool.prepare(specOf(), NEVER);
  await ready(pool, 1);
  await until(() => asked.length === 2, 'it to be made');
  await pool.prepare({ ...specOf(), limits: { ...specOf().limits, pids: 7 } }, NEVER);
  expect(asked.at(2)?.limits.pids).toBe(7);
  expect(removed).toEqual(['container-2']);
});

test('where none can be fitted, no caller goes from one to the next that is made meanwhile', async () => {
  const fit = () => sleep(1).then(() => Promise.reject(new CoracleError('ENGINE_REFUSED', 'No. See the log.')));
  const { pool, asked } = rig({ fit, script: (_spec, attempt) => (attempt > 1 ? { startTakes: sleep(30) } : {}) });
  await pool.prepare(specOf(), NEVER);
  await until(() => asked.length > 1, 'one to be in the making');
  const prepared = pool.prepare({ ...specOf(), limits: { ...specOf().limits, pids: 7 } }, NEVER);
  expect(await Promise.race([prepared.then(() => 'made'), until(() => asked.length > 9, 'many more').then(() => 'tried')])).toBe('made');
});

test('one that dies while it waits is removed and replaced', async () => {
  const { pool, engine, removed, asked } = rig();
  await pool.prepare(specOf(), NEVER);
  await ready(pool, 1);
  await until(() => {
    engine.vanish('container-2');
    return removed.includes('container-2') && asked.length === 3;
  }, 'a new one');
  expect((await pool.prepare(specOf(), NEVER)).id).toBe('container-3');
});

test('a caller that comes while one is being made gets that one', async () => {
  const goOn = Promise.withResolvers<void>();
  const { pool, asked } = rig({ script: (_spec, attempt) => (attempt === 2 ? { startTakes: goOn.promise } : {}) });
  await pool.prepare(specOf(), NEVER);
  await until(() => asked.length === 2, 'one to be in the making');
  const second = pool.prepare(specOf(), NEVER);
  await sleep(10);
  expect(asked).toHaveLength(2);
  goOn.resolve();
  expect((await second).id).toBe('container-2');
});

test('a caller that gives up while he waits for it leaves it for the next', async () => {
  const goOn = Promise.withResolvers<void>();
  const { pool, asked } = rig({ script: (_spec, attempt) => (attempt === 2 ? { startTakes: goOn.promise } : {}) });
  await pool.prepare(specOf(), NEVER);
  await until(() => asked.length === 2, 'one to be in the making');
  const impatient = new AbortController();
  const second = pool.prepare(specOf(), impatient.signal);
  await sleep(10);
  impatient.abort(new Error('no more'));
  await expect(second).rejects.toThrow('no more');
  goOn.resolve();
  expect((await pool.prepare(specOf(), NEVER)).id).toBe('container-2');
});

test('one that fails in the making costs its waiter only the time: another is made for him', async () => {
  const refusal = new CoracleError('ENGINE_REFUSED', 'No. See the log.');
  const { pool, asked } = rig({ script: (_spec, attempt) => (attempt === 2 ? { startTakes: sleep(30), startFails: refusal } : {}) });
  await pool.prepare(specOf(), NEVER);
  await until(() => asked.length === 2, 'one to be in the making');
  expect((await pool.prepare(specOf(), NEVER)).id).toBe('container-3');
});

test('a tenant whose callers always wait keeps nobody else from having one made ahead', async () => {
  const { pool, asked } = rig({ script: ({ scope }) => (scope.tenant === 'flood' ? { startTakes: new Promise(() => undefined) } : {}) });
  void pool.prepare({ ...specOf('flood'), scope: { tenant: 'flood', sandbox: 'default' } }, NEVER);
  await pool.prepare(specOf(), NEVER);
  await until(() => asked.filter(({ sandboxId }) => sandboxId === 'sandbox').length === 2, 'one for the other tenant');
});

test('nothing is made ahead for a tenant while somebody of it waits for one that is made for him', async () => {
  const goOn = Promise.withResolvers<void>();
  const { pool, asked } = rig({ script: ({ sandboxId }) => (sandboxId === 'slow' ? { startTakes: goOn.promise } : {}) });
  const slow = pool.prepare(specOf('slow'), NEVER);
  await pool.prepare(specOf(), NEVER);
  await sleep(20);
  expect(asked.map(({ sandboxId }) => sandboxId).toSorted()).toEqual(['sandbox', 'slow']);
  goOn.resolve();
  await slow;
  await until(() => asked.length > 2, 'the filling');
});

test('a burst is expected again, up to what a sandbox may have', async () => {
  const { pool } = rig({ mostPerSandbox: 3, room: () => 100 });
  await Promise.all(Array.from({ length: 9 }, () => pool.prepare(specOf(), NEVER)));
  await ready(pool, 3);
  await sleep(20);
  expect(pool.size).toBe(3);
});

test('what a sandbox asks for now takes the places of what it asked for before', async () => {
  const { pool, asked } = rig({ mostPerSandbox: 2, room: () => 100 });
  await Promise.all(Array.from({ length: 5 }, () => pool.prepare(specOf(), NEVER)));
  await ready(pool, 2);
  await sleep(3);
  await Promise.all(Array.from({ length: 5 }, () => pool.prepare({ ...specOf(), image: 'python' }, NEVER)));
  await until(() => asked.slice(-2).every(({ image }) => image === 'python') && asked.length === 14, 'both places to be taken');
  await sleep(10);
  expect(pool.size).toBe(2);
});

test('a sandbox that asks now takes the place of one that asked before, when there is no more room', async () => {
  const { pool, removed, asked } = rig({ mostPerSandbox: 2, room: () => 1 });
  await pool.prepare(specOf('a'), NEVER);
  await until(() => asked.length === 2, 'one for a');
  await sleep(10);
  await pool.prepare(specOf('b'), NEVER);
  await until(() => asked.length === 4, 'one for b');
  expect(removed).toEqual(['container-2']);
  expect(asked.map(({ sandboxId }) => sandboxId)).toEqual(['a', 'a', 'b', 'b']);
});

test('it gives way when room is short, the kind that was asked for longest ago first', async () => {
  let room = 4;
  const { pool, removed } = rig({ mostPerSandbox: 1, room: () => room });
  for (const sandbox of ['a', 'b', 'c']) {
    await pool.prepare(specOf(sandbox), NEVER);
    await ready(pool, ['a', 'b', 'c'].indexOf(sandbox) + 1);
    await sleep(3);
  }
  room = 2;
  pool.tend();
  expect(pool.size).toBe(2);
  expect(removed).toEqual(['container-2']);
  room = 0;
  await pool.prepare(specOf('c'), NEVER);
  await until(() => pool.size === 0, 'none to be left');
});

test('without room none is made ahead, and everything works', async () => {
  const { pool, asked } = rig({ room: () => 0 });
  for (let count = 0; count < 3; count += 1) await pool.prepare(specOf(), NEVER);
  pool.tend();
  await sleep(10);
  expect([pool.size, asked.length]).toEqual([0, 3]);
});

test('one can be expected before anybody has asked', async () => {
  const { pool, asked } = rig();
  pool.warm(specOf());
  await ready(pool, 1);
  await until(() => asked.length === 1, 'it to be made');
  expect((await pool.prepare(specOf(), NEVER)).id).toBe('container-1');
});

test('a volume can be removed although containers with it wait', async () => {
  const { pool, engine } = rig();
  await (await pool.prepare(specOf(), NEVER)).remove();
  await ready(pool, 1);
  await pool.removeVolume('sandbox');
  expect([await engine.listVolumes(), pool.size]).toEqual([[], 0]);
});

test('when it closes, none is left and none is made', async () => {
  const goOn = Promise.withResolvers<void>();
  const { pool, engine, asked } = rig({ script: (_spec, attempt) => (attempt === 3 ? { startTakes: goOn.promise } : {}) });
  await Promise.all([pool.prepare(specOf(), NEVER), pool.prepare(specOf(), NEVER)]);
  await until(() => asked.length === 3, 'one in the making');
  const closed = pool.close();
  goOn.resolve();
  await closed;
  pool.tend();
  await sleep(10);
  expect([pool.size, asked.length]).toEqual([0, 3]);
  expect(await engine.list()).toEqual([]);
});
