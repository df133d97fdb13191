import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test, vi } from 'vitest';
import type { ContainerSpec } from '../../../src/engine/container-engine.ts';
import { shareStarts } from '../../../src/engine/fair-starts.ts';
import { CoracleError } from '../../../src/errors.ts';
import { createFakeEngine } from '../../support/fake-engine.ts';
import { specOf } from '../../support/leftovers.ts';
import { until } from '../../support/until.ts';

const NEVER = new AbortController().signal;

/** An engine on which a start takes until it is let go on; it tells which tenants' starts it has in hand. */
function rig() {
  const inHand: { readonly tenant: string; readonly goOn: () => void }[] = [];
  const engine = createFakeEngine({
    program({ scope: { tenant } }) {
      const { promise, resolve } = Promise.withResolvers<void>();
      inHand.push({ tenant, goOn: resolve });
      return tenant === 'broken' ? { startFails: new CoracleError('ENGINE_REFUSED', 'No. See the log.') } : { startTakes: promise };
    },
  });
  const fair = shareStarts({ engine, besideOthers: 1 });
  return {
    prepare: (tenant: string, signal = NEVER) => fair.prepare(ofTenant(tenant), signal),
    tenants: () => inHand.map(({ tenant }) => tenant).toSorted(),
    goOn(tenant: string) {
      const [first] = inHand.splice(
        inHand.findIndex((each) => each.tenant === tenant),
        1,
      );
      first?.goOn();
    },
  };
}

const ofTenant = (tenant: string): ContainerSpec => ({ ...specOf(`of-${tenant}`), scope: { tenant, sandbox: 'default' } });

test('a tenant that is alone has as many made at once as it asks for', async () => {
  const { prepare, tenants } = rig();
  for (let count = 0; count < 9; count += 1) void prepare('flood');
  await until(() => tenants().length === 9, 'all to be under way');
});

test('beside others it has only so many made at once, and who comes is not held up by what it has asked for', async () => {
  const { prepare, tenants, goOn } = rig();
  void prepare('acme');
  await until(() => tenants().length === 1, 'the first');
  for (let count = 0; count < 9; count += 1) void prepare('flood');
  await until(() => tenants().length === 2, 'the first of the flood');
  void prepare('globex');
  await until(() => tenants().length === 3, 'the newcomer');
  await sleep(5);
  expect(tenants()).toEqual(['acme', 'flood', 'globex']);
  goOn('flood');
  await until(() => tenants().length === 3, 'the next of the flood');
  await sleep(5);
  expect(tenants()).toEqual(['acme', 'flood', 'globex']);
});

test('when the others have not come for a while, it is as if it were alone', async () => {
  const { prepare, tenants, goOn } = rig();
  const now = vi.spyOn(Date, 'now');
  void prepare('acme');
  void prepare('flood');
  void prepare('flood');
  void prepare('flood');
  await until(() => tenants().length === 2, 'one of each');
  now.mockReturnValue(Date.now() + 11_000);
  goOn('flood');
  await until(() => tenants().filter((tenant) => tenant === 'flood').length === 2, 'the rest of it');
  now.mockRestore();
});

test('a start that fails gives way to the next', async () => {
  const { prepare } = rig();
  void prepare('acme');
  for (let count = 0; count < 3; count += 1) await expect(prepare('broken')).rejects.toThrow('No.');
});

test('who gives up while he waits asks the engine for nothing', async () => {
  const { prepare, tenants } = rig();
  void prepare('acme');
  void prepare('flood');
  const impatient = new AbortController();
  const waiting = prepare('flood', impatient.signal);
  await until(() => tenants().length === 2, 'one of each');
  impatient.abort(new Error('no more'));
  await expect(waiting).rejects.toThrow('no more');
  expect(tenants()).toEqual(['acme', 'flood']);
});
