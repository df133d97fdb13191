import { expect, test, vi } from 'vitest';
import type { RunningContainer } from '../../../src/engine/container-engine.ts';
import { type StopHow, stopContainer } from '../../../src/execution/stop-container.ts';

/** Notes what is asked of it; ends at a signal when it heeds it. */
function container({ heeds }: { heeds: boolean }) {
  const asked: string[] = [];
  const exit = Promise.withResolvers<void>();
  const note = (what: string) => async () => void asked.push(what);
  const fake = {
    exit: exit.promise,
    resume: note('resume'),
    stop: async (graceMs: number) => void asked.push(`stop ${graceMs}`),
    async signal(signal: string) {
      asked.push(signal);
      if (heeds) exit.resolve();
    },
  };
  return { asked, container: fake as unknown as RunningContainer };
}

const cases: [title: string, StopHow, asked: string[]][] = [
  ['the usual one is left to the engine', { signal: 'SIGTERM', graceMs: 2_000 }, ['stop 2000']],
  ['KILL needs no grace', { signal: 'SIGKILL', graceMs: 60_000 }, ['stop 0']],
  ['another signal is sent to what is not frozen, and made sure of', { signal: 'SIGINT', graceMs: 60_000 }, ['resume', 'SIGINT', 'stop 0']],
  ['without a grace it is the end at once', { signal: 'SIGINT', graceMs: 0 }, ['stop 0']],
];

test.each(cases)('%s', async (_title, how, asked) => {
  const under = container({ heeds: true });
  await stopContainer(under.container, how);
  expect(under.asked).toEqual(asked);
});

test('what does not heed its signal is ended after the grace', async () => {
  vi.useFakeTimers();
  try {
    const under = container({ heeds: false });
    const stopped = stopContainer(under.container, { signal: 'SIGHUP', graceMs: 50 });
    await vi.advanceTimersByTimeAsync(40);
    expect(under.asked).toEqual(['resume', 'SIGHUP']);
    vi.useRealTimers();
    await stopped;
    expect(under.asked).toEqual(['resume', 'SIGHUP', 'stop 0']);
  } finally {
    vi.useRealTimers();
  }
});
