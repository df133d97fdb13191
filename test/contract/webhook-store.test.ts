import { createSqliteProcessStore } from '../../src/store/sqlite/process-store.ts';
import { createSqliteRetentionStore } from '../../src/store/sqlite/retention-store.ts';
import { createSqliteWebhookStore } from '../../src/store/sqlite/webhook-store.ts';
import { testDatabase } from '../support/sqlite.ts';
import { webhookStoreContract } from './webhook-store.ts';

webhookStoreContract('SQLite', async () => {
  const database = await testDatabase();
  return {
    webhooks: createSqliteWebhookStore(database.database),
    store: createSqliteProcessStore(database.database),
    retention: createSqliteRetentionStore(database.database),
    openAgain: () => createSqliteWebhookStore(database.openAgain()),
    [Symbol.asyncDispose]: () => database[Symbol.asyncDispose](),
  };
});
