import { createSqliteProcessStore } from '../../src/store/sqlite/process-store.ts';
import { createSqliteRetentionStore } from '../../src/store/sqlite/retention-store.ts';
import { testDatabase } from '../support/sqlite.ts';
import { idempotencyContract } from './idempotency.ts';

idempotencyContract('SQLite', async () => {
  const database = await testDatabase();
  return {
    store: createSqliteProcessStore(database.database),
    retention: createSqliteRetentionStore(database.database),
    openAgain: () => createSqliteProcessStore(database.openAgain()),
    [Symbol.asyncDispose]: () => database[Symbol.asyncDispose](),
  };
});
