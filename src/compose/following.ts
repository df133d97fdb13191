import { createWaitUntilEnded } from '../execution/wait.ts';
import { createWatchProcess } from '../execution/watch-process.ts';
import { createWatchSandbox } from '../execution/watch-sandbox.ts';
import type { Storage } from './storage.ts';

/** The ways to see what comes of a process. */
export function createFollowing({ store, outputs, statusLog, events }: Storage) {
  return {
    waitUntilEnded: createWaitUntilEnded({ store, events }),
    watchProcess: createWatchProcess({ store, outputs, events }),
    watchSandbox: createWatchSandbox({ statusLog, events }),
  };
}
