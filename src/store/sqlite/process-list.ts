import type { DatabaseSync } from 'node:sqlite';
import { CoracleError } from '../../errors.ts';
import type { PageRequest, ProcessPage } from '../../process/process-store.ts';
import type { Scope } from '../../process/record.ts';
import { COLUMNS, fromRow } from './process-rows.ts';

/** An index has all that is looked at here, so what does not fit is passed over without reading its record. */
const FITS = `tenant = :tenant AND sandbox = :sandbox
  AND (:statuses IS NULL OR status IN (SELECT value FROM json_each(:statuses)))
  AND (:name IS NULL OR name = :name)
  AND (:language IS NULL OR language = :language)
  AND (:since IS NULL OR accepted_at >= :since)`;

export function createList(database: DatabaseSync): (scope: Scope, page: PageRequest) => Promise<ProcessPage> {
  const select = (beyond: string, order: string) =>
    database.prepare(`SELECT seq, ${COLUMNS.join(', ')} FROM processes WHERE ${FITS} AND seq ${beyond} :cursor ORDER BY seq ${order} LIMIT :limit`);
  const pages = { newest: select('<', 'DESC'), oldest: select('>', 'ASC') };
  return async ({ tenant, sandbox }, { limit, cursor, first = 'newest', statuses, name = null, language = null, since = null }) => {
    const start = first === 'newest' ? Number.MAX_SAFE_INTEGER : 0;
    const rows = pages[first].all({
      tenant,
      sandbox,
      statuses: statuses ? JSON.stringify(statuses) : null,
      name,
      language,
      since,
      cursor: cursor === undefined ? start : parseCursor(cursor),
      // One more than asked for tells whether there is a next page.
      limit: limit + 1,
    });
    const shown = rows.slice(0, limit);
    const cursors = shown.map((row) => String(row['seq']));
    return { records: shown.map(fromRow), cursors, nextCursor: rows.length > limit ? (cursors.at(-1) ?? null) : null };
  };
}

function parseCursor(cursor: string): number {
  if (!/^\d{1,15}$/.test(cursor)) throw new CoracleError('INVALID_REQUEST', 'cursor is not one of ours. Send next_cursor of the page before, unchanged.');
  return Number(cursor);
}
