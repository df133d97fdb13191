import { getEventListeners } from 'node:events';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { repeat } from '../../../src/execution/periodic.ts';
import { until } from '../../support/until.ts';

/** Does work every millisecond until the test is over. */
function start(work: (round: number) => Promise<void> = async () => undefined) {
  const closing = new AbortController();
  const logged: string[] = [];
  const note = (_details: object, message: string) => void logged.push(message);
  let rounds = 0;
  const counted = () => {
    rounds += 1;
    return work(rounds);
  };
  repeat({ what: 'the work', everyMs: 1, work: counted }, { info: note, warn: note, error: note }, closing.signal);
  return {
    logged,
    rounds: () => rounds,
    listeners: () => getEventListeners(closing.signal, 'abort').length,
    close: () => closing.abort(),
    [Symbol.dispose]: () => closing.abort(),
  };
}

/** Long enough for anything that comes every millisecond to have come. */
async function someRounds(): Promise<void> {
  using other = start();
  await until(() => other.rounds() >= 5, 'rounds of another work');
}

test('it comes again and again', async () => {
  using periodic = start();
  await until(() => periodic.rounds() >= 5, 'five rounds');
});

test('the next does not begin before the last has ended', async () => {
  let atOnce = 0;
  let most = 0;
  using periodic = start(async () => {
    atOnce += 1;
    most = Math.max(most, atOnce);
    await someRounds();
    atOnce -= 1;
  });
  await until(() => periodic.rounds() >= 3, 'three rounds');
  expect(most).toBe(1);
});

test('a failure is logged and does not keep the next from coming', async () => {
  using periodic = start(async (round) => {
    if (round <= 2) throw new Error('no');
  });
  await until(() => periodic.rounds() >= 4, 'rounds after the failures');
  expect(periodic.logged).toEqual(['the work failed; it is tried again', 'the work failed; it is tried again']);
});

test('a server that lets go before the first round has none', async () => {
  using periodic = start();
  periodic.close();
  await someRounds();
  expect(periodic.rounds()).toBe(0);
});

test('a server that lets go in the middle of a round has no other, and what that round meets then is no failure', async () => {
  const goOn = Promise.withResolvers<void>();
  using periodic = start(async () => {
    await goOn.promise;
    throw new Error('the database is closed');
  });
  await until(() => periodic.rounds() === 1, 'the first round');
  periodic.close();
  goOn.resolve();
  await nextTurn();
  await someRounds();
  expect([periodic.rounds(), periodic.listeners(), periodic.logged]).toEqual([1, 0, []]);
});

test('a server that lives long keeps nothing of the rounds that are over', async () => {
  using periodic = start();
  await until(() => periodic.rounds() >= 20, 'twenty rounds');
  expect(periodic.listeners()).toBeLessThanOrEqual(1);
});
