import { createSqliteProcessStore } from '../../src/store/sqlite/process-store.ts';
import { createSqliteRetentionStore } from '../../src/store/sqlite/retention-store.ts';
import { testDatabase } from '../support/sqlite.ts';
import { retentionStoreContract } from './retention-store.ts';

retentionStoreContract('SQLite', async () => {
  const database = await testDatabase();
  return {
    retention: createSqliteRetentionStore(database.database),
    store: createSqliteProcessStore(database.database),
    openAgain: () => createSqliteRetentionStore(database.openAgain()),
    [Symbol.asyncDispose]: () => database[Symbol.asyncDispose](),
  };
});
