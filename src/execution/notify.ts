import type { OutputStore, OutputWriter } from '../output/output-store.ts';
import type { ProcessStore } from '../process/process-store.ts';
import type { Events } from './events.ts';

/** The same store, which tells of every record that was added or has changed its status, once that is on disk. */
export function notifyingStore(store: ProcessStore, events: Events): ProcessStore {
  return {
    ...store,
    async insert(record, source, key) {
      const repeat = await store.insert(record, source, key);
      if (!repeat) events.publishStatus(record);
      return repeat;
    },
    async transition(id, change) {
      const record = await store.transition(id, change);
      if (record) events.publishStatus(record);
      return record;
    },
    async reassign(id, change) {
      const record = await store.reassign(id, change);
      if (record) events.publishStatus(record);
      return record;
    },
  };
}

/** The same store, which tells of new output once readers see it. */
export function notifyingOutputs(outputs: OutputStore, events: Events): OutputStore {
  return {
    ...outputs,
    open: async (id, limits) => notifyingWriter(await outputs.open(id, limits), () => events.publishOutput(id)),
  };
}

function notifyingWriter(writer: OutputWriter, tell: () => void): OutputWriter {
  return {
    written: writer.written,
    get storedBytes() {
      return writer.storedBytes;
    },
    // A rejected call may have kept a beginning of the frames.
    append: (frames) => writer.append(frames).finally(tell),
    close: () => writer.close(),
  };
}
