import { setImmediate as nextTurn } from 'node:timers/promises';
import type { FrameSlice, OutputStore, ReadRequest } from '../output/output-store.ts';

/**
 * The same store, where readers that ask for the same stretch at the same time share one reading: many followers of one process are woken together and
 * stand at the same place. A reading that has begun is shared with nobody who comes later, for he may have been woken by something newer.
 */
export function sharedReads(outputs: OutputStore): OutputStore {
  const about = new Map<string, Promise<FrameSlice>>();
  async function read(key: string, id: string, request: ReadRequest): Promise<FrameSlice> {
    await nextTurn();
    about.delete(key);
    return outputs.readFrames(id, request);
  }
  return {
    ...outputs,
    readFrames(id, request) {
      const key = `${id} ${request.stream} ${request.offset} ${request.limit}`;
      const reading = about.get(key) ?? read(key, id, request);
      about.set(key, reading);
      return reading;
    },
  };
}
