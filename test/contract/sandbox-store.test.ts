import { createSqliteSandboxStore } from '../../src/store/sqlite/sandbox-store.ts';
import { testDatabase } from '../support/sqlite.ts';
import { sandboxLifetimeContract } from './sandbox-lifetime.ts';
import { type OpenSandboxStore, sandboxStoreContract } from './sandbox-store.ts';

const CROWD = `
  WITH RECURSIVE uids (uid) AS (SELECT ? UNION ALL SELECT uid + 1 FROM uids WHERE uid < ?)
  INSERT INTO sandboxes (id, tenant, name, uid, created_at) SELECT 'sbx_' || uid, 'crowd', uid, uid, 0 FROM uids`;

const open: OpenSandboxStore = async () => {
  const database = await testDatabase();
  return {
    store: createSqliteSandboxStore(database.database),
    openAgain: () => createSqliteSandboxStore(database.openAgain()),
    crowd: (first, last) => void database.database.prepare(CROWD).run(first, last),
    [Symbol.asyncDispose]: () => database[Symbol.asyncDispose](),
  };
};

sandboxStoreContract('SQLite', open);
sandboxLifetimeContract('SQLite', open);
