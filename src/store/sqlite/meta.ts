import type { DatabaseSync } from 'node:sqlite';
import { newId } from '../../ids.ts';

/** The name under which this store's server marks what it owns on the engine; made once and kept for the life of the store. */
export function instanceOf(database: DatabaseSync): string {
  database.prepare("INSERT INTO meta (key, value) VALUES ('instance', ?) ON CONFLICT DO NOTHING").run(newId('inst'));
  return String(database.prepare("SELECT value FROM meta WHERE key = 'instance'").get()?.['value']);
}
