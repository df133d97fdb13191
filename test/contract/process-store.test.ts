import { createSqliteProcessStore } from '../../src/store/sqlite/process-store.ts';
import { testDatabase } from '../support/sqlite.ts';
import { processStoreContract } from './process-store.ts';

processStoreContract('SQLite', async () => {
  const database = await testDatabase();
  return {
    store: createSqliteProcessStore(database.database),
    openAgain: () => createSqliteProcessStore(database.openAgain()),
    [Symbol.asyncDispose]: () => database[Symbol.asyncDispose](),
  };
});
