import { createSqliteApiKeyStore } from '../../src/store/sqlite/api-key-store.ts';
import { testDatabase } from '../support/sqlite.ts';
import { apiKeyStoreContract } from './api-key-store.ts';

apiKeyStoreContract('SQLite', async () => {
  const database = await testDatabase();
  return {
    store: createSqliteApiKeyStore(database.database),
    openAgain: () => createSqliteApiKeyStore(database.openAgain()),
    [Symbol.asyncDispose]: () => database[Symbol.asyncDispose](),
  };
});
