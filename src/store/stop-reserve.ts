import { closeSync, fdatasyncSync, openSync, readSync, writeSync } from 'node:fs';
import type { StopCause } from '../process/outcome.ts';
import type { ProcessStore } from '../process/process-store.ts';
import type { ProcessRecord } from '../process/record.ts';

const SLOTS = 512;
const SLOT_BYTES = 64;
const EMPTY = Buffer.alloc(SLOT_BYTES);

/** Room that was taken on the disk beforehand, for why processes are being ended. */
export interface StopReserve {
  get(id: string): StopCause | undefined;
  /** On disk when it returns. Throws when every slot is taken. */
  note(id: string, cause: StopCause): void;
  forget(id: string): void;
  close(): void;
}

/** Opens the file, made with all its bytes. Writing into it later needs no room that is not there, on file systems that write in place. */
export function openStopReserve(path: string): StopReserve {
  const file = openSync(path, 'a+');
  closeSync(file);
  const handle = openSync(path, 'r+');
  const bytes = Buffer.alloc(SLOTS * SLOT_BYTES);
  if (readSync(handle, bytes, 0, bytes.length, 0) < bytes.length) fill(handle, bytes);
  const noted = new Map<string, { slot: number; cause: StopCause }>();
  for (let slot = 0; slot < SLOTS; slot += 1) {
    const [id, cause] = textOf(bytes.subarray(slot * SLOT_BYTES, (slot + 1) * SLOT_BYTES)).split(' ');
    if (id && cause) noted.set(id, { slot, cause: cause as StopCause });
  }

  function write(slot: number, text: string): void {
    const content = Buffer.from(EMPTY);
    content.write(text);
    writeSync(handle, content, 0, SLOT_BYTES, slot * SLOT_BYTES);
    fdatasyncSync(handle);
  }

  function freeSlot(): number {
    const taken = new Set([...noted.values()].map(({ slot }) => slot));
    for (let slot = 0; slot < SLOTS; slot += 1) if (!taken.has(slot)) return slot;
    throw new Error('every slot of the reserve is taken');
  }

  return {
    get: (id) => noted.get(id)?.cause,
    note(id, cause) {
      const slot = freeSlot();
      write(slot, `${id} ${cause}`);
      noted.set(id, { slot, cause });
    },
    forget(id) {
      const found = noted.get(id);
      if (!found) return;
      write(found.slot, '');
      noted.delete(id);
    },
    close: () => closeSync(handle),
  };
}

/** What is there is kept; a disk that is full from the start leaves a file that is short, which then takes nothing either. */
function fill(handle: number, bytes: Buffer): void {
  try {
    writeSync(handle, bytes, 0, bytes.length, 0);
    fdatasyncSync(handle);
  } catch {
    // It is tried again at the next start.
  }
}

function textOf(slot: Buffer): string {
  return slot.subarray(0, Math.max(0, slot.indexOf(0))).toString();
}

/**
 * The same store, which can record why a process is being ended also on a full disk: a process must be ended all the same, and a server that died before
 * there was room again would leave a record that takes the end for the program's own.
 */
export function withStopReserve(store: ProcessStore, reserve: StopReserve): ProcessStore {
  const amend = <R extends ProcessRecord>(record: R): R => ({ ...record, cause: record.cause ?? reserve.get(record.id) ?? null });
  return {
    ...store,
    async recordCause(id, cause) {
      const first = reserve.get(id) ?? cause;
      try {
        return await store.recordCause(id, first);
      } catch (error) {
        if (!reserve.get(id)) noteOr(reserve, { id, cause }, error);
        return first;
      }
    },
    async transition(id, change) {
      const cause = reserve.get(id);
      if (cause) await store.recordCause(id, cause).catch(() => undefined);
      const record = await store.transition(id, change);
      if (cause && change.to !== 'running') reserve.forget(id);
      return record;
    },
    async load(id) {
      const loaded = await store.load(id);
      return loaded && { ...loaded, record: amend(loaded.record) };
    },
    running: async () => (await store.running()).map(amend),
    queued: async () => (await store.queued()).map(amend),
  };
}

function noteOr(reserve: StopReserve, { id, cause }: { id: string; cause: StopCause }, error: unknown): void {
  try {
    reserve.note(id, cause);
  } catch {
    throw error;
  }
}
