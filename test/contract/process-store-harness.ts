import { NOTHING_RAN, type ProcessStore, type Transition } from '../../src/process/process-store.ts';
import type { ProcessRecord } from '../../src/process/record.ts';
import type { ProcessStatus } from '../../src/process/status.ts';
import { newRecord, SOURCE } from '../support/records.ts';

/** A store that is empty, and gone when its scope ends. */
export interface ProcessStoreUnderTest extends AsyncDisposable {
  readonly store: ProcessStore;
  /** Another handle on the same data: what it sees is what a server would find after a crash of the first. */
  openAgain(): ProcessStore;
}

export type OpenProcessStore = () => Promise<ProcessStoreUnderTest>;

export const TO_RUNNING: Transition = { to: 'running', startingAt: 1_700_000_000_500, startedAt: 1_700_000_001_000, containerId: 'c0ffee' };
const ended = (to: 'completed' | 'failed' | 'killed') => ({ ...NOTHING_RAN, to, endedAt: 1_700_000_002_000, failure: null }) as const;
export const CHANGES = { running: TO_RUNNING, completed: ended('completed'), failed: ended('failed'), killed: ended('killed') } as const;

/** How a process that was just accepted gets into a status. */
const WAYS: Readonly<Record<ProcessStatus, readonly Transition[]>> = {
  queued: [],
  running: [CHANGES.running],
  completed: [CHANGES.running, CHANGES.completed],
  failed: [CHANGES.failed],
  killed: [CHANGES.killed],
};

export async function insertedAs(store: ProcessStore, status: ProcessStatus): Promise<ProcessRecord> {
  const record = newRecord();
  await store.insert(record, SOURCE);
  for (const change of WAYS[status]) await store.transition(record.id, change);
  const found = await store.find(record.scope, record.id);
  if (found?.status !== status) throw new Error(`the process is ${found?.status} instead of ${status}`);
  return found;
}

export async function insertMany(store: ProcessStore, count: number, differences: Partial<ProcessRecord> = {}): Promise<string[]> {
  const records = Array.from({ length: count }, () => newRecord(differences));
  for (const record of records) await store.insert(record, SOURCE);
  return records.map(({ id }) => id);
}

export const idsOf = (records: readonly ProcessRecord[]) => records.map(({ id }) => id);
