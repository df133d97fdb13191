import { setTimeout as sleep } from 'node:timers/promises';
import type { Reached } from '../support/api.ts';
import { callerOf, textOf } from './caller.ts';

/** What this program is told first. It submits at its own moments, and answers how long it waited for each reply when it is told anything more. */
export interface Visit {
  readonly server: Reached;
  readonly program: Readonly<Record<string, unknown>>;
}

/** Between its submissions, in milliseconds: it does not come when something ends, as those do who wait for an end. */
const PAUSE_MS = { least: 100, most: 300 };

process.once('message', async ({ server, program }: Visit) => {
  let isOver = false;
  process.once('message', () => {
    isOver = true;
  });
  const { call } = await callerOf(server);
  const replies: number[] = [];
  while (!isOver) {
    const began = performance.now();
    await textOf(await call('POST', '/execute/background', program));
    replies.push(performance.now() - began);
    await sleep(PAUSE_MS.least + Math.random() * (PAUSE_MS.most - PAUSE_MS.least));
  }
  // The first one has opened the connection.
  process.send?.(replies.slice(1), () => process.exit(0));
});
