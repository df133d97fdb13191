import { createSqliteProcessStore } from '../../src/store/sqlite/process-store.ts';
import { createSqliteRetentionStore } from '../../src/store/sqlite/retention-store.ts';
import { createSqliteStatusLog } from '../../src/store/sqlite/status-log.ts';
import { testDatabase } from '../support/sqlite.ts';
import { statusLogContract } from './status-log.ts';

statusLogContract('SQLite', async () => {
  const database = await testDatabase();
  return {
    log: createSqliteStatusLog(database.openAgain()),
    store: createSqliteProcessStore(database.database),
    retention: createSqliteRetentionStore(database.database),
    [Symbol.asyncDispose]: () => database[Symbol.asyncDispose](),
  };
});
