import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createEvents, type Events } from '../execution/events.ts';
import { notifyingOutputs, notifyingStore } from '../execution/notify.ts';
import { sharedReads } from '../execution/shared-reads.ts';
import type { OutputStore } from '../output/output-store.ts';
import { createSpool } from '../output/spool.ts';
import type { ProcessStore } from '../process/process-store.ts';
import type { RetentionStore } from '../process/retention-store.ts';
import type { StatusLog } from '../process/status-log.ts';
import type { SandboxStore } from '../sandbox/sandbox.ts';
import { createSqliteApiKeyStore } from '../store/sqlite/api-key-store.ts';
import { openDatabase } from '../store/sqlite/database.ts';
import { lockDataFolder } from '../store/sqlite/lock.ts';
import { createSqliteProcessStore } from '../store/sqlite/process-store.ts';
import { createSqliteRetentionStore } from '../store/sqlite/retention-store.ts';
import { createSqliteSandboxStore } from '../store/sqlite/sandbox-store.ts';
import { createSqliteStatusLog } from '../store/sqlite/status-log.ts';
import { createSqliteWebhookStore } from '../store/sqlite/webhook-store.ts';
import { openStopReserve, withStopReserve } from '../store/stop-reserve.ts';
import type { ApiKeyStore } from '../tenancy/api-keys.ts';
import type { WebhookStore } from '../webhooks/webhook-store.ts';

/** What outlives a server: everything in its data folder. */
export interface Storage {
  /** Wakes who waits for a change of what is kept here. */
  readonly events: Events;
  readonly store: ProcessStore;
  readonly retention: RetentionStore;
  readonly statusLog: StatusLog;
  readonly sandboxes: SandboxStore;
  readonly webhooks: WebhookStore;
  readonly apiKeys: ApiKeyStore;
  readonly outputs: OutputStore;
  /** Call it once nothing is read or written any more. */
  close(): void;
}

/** Opens a data folder, made here with mode 0700. Rejects with CONFIG_INVALID while another server has it. */
export async function openStorage(dataDir: string): Promise<Storage> {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const unlock = lockDataFolder(join(dataDir, 'lock'));
  const database = openDatabase(join(dataDir, 'coracle.sqlite'));
  const reserve = openStopReserve(join(dataDir, 'stops'));
  const events = createEvents();
  return {
    events,
    store: notifyingStore(withStopReserve(createSqliteProcessStore(database), reserve), events),
    retention: createSqliteRetentionStore(database),
    statusLog: createSqliteStatusLog(database),
    sandboxes: createSqliteSandboxStore(database),
    webhooks: createSqliteWebhookStore(database),
    apiKeys: createSqliteApiKeyStore(database),
    outputs: notifyingOutputs(sharedReads(await createSpool(join(dataDir, 'output'))), events),
    close() {
      database.close();
      reserve.close();
      unlock();
    },
  };
}
