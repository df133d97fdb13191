import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createSqliteApiKeyStore } from '../store/sqlite/api-key-store.ts';
import { openDatabase } from '../store/sqlite/database.ts';
import type { ApiKeyStore } from '../tenancy/api-keys.ts';

/** The keys of a data folder, also while a server has it: SQLite lets both write. */
export function openKeys(dataDir: string): { readonly store: ApiKeyStore; close(): void } {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const database = openDatabase(join(dataDir, 'coracle.sqlite'));
  return { store: createSqliteApiKeyStore(database), close: () => database.close() };
}
