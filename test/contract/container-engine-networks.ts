import { expect, test } from 'vitest';
import { until } from '../support/until.ts';
import { type EngineHarness, prepare } from './engine-harness.ts';

type Harness = () => EngineHarness;

/** Whatever the engine's default is: gVisor gets none. */
const NETWORKED = { network: 'internet', runtime: 'runc' } as const;

/** What holds of the networks of sandboxes; whom they keep apart is not the port's to show. */
export function testNetworks(harness: Harness): void {
  const networks = () => harness().engine.listNetworks();
  /** A container of a pool may be in it still, or be made a moment later. */
  const removed = () =>
    until(
      () =>
        harness()
          .engine.removeVolume(harness().sandboxId)
          .then(() => harness().engine.removeNetwork(harness().sandboxId))
          .then(() => true)
          .catch(() => undefined),
      'the network to be removed',
    );

  test('a container that is not to have one makes none', async () => {
    await using _container = await prepare(harness());
    expect(await networks()).toEqual([]);
  });

  test('two containers of a sandbox have one, of this instance, that goes when they are gone, also twice', async () => {
    const [first, second] = await Promise.all([prepare(harness(), NETWORKED), prepare(harness(), NETWORKED)]);
    expect(await networks()).toEqual([harness().sandboxId]);
    expect(await harness().foreign.listNetworks()).toEqual([]);
    await expect(harness().engine.removeNetwork(harness().sandboxId)).rejects.toMatchObject({ code: 'ENGINE_REFUSED' });
    await first.remove();
    await second.remove();
    await removed();
    await harness().engine.removeNetwork(harness().sandboxId);
    expect(await networks()).toEqual([]);
  });

  test('looking after the networks leaves them and their containers as they are', async () => {
    await using container = await prepare(harness(), NETWORKED);
    await harness().engine.guardNetworks();
    await harness().engine.guardNetworks();
    expect(await networks()).toEqual([harness().sandboxId]);
    await container.remove();
    await removed();
  });
}
