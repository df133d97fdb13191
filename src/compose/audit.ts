import pino from 'pino';
import type { Log } from '../execution/log.ts';
import type { Audit } from '../http/audit.ts';

/** Keeps entries as JSON lines in a file (made with mode 0600; only ever appended to), or, without one, in the log. */
export function createAudit(path: string | undefined, log: Log): Audit {
  if (path === undefined) return (audit) => log.info({ audit }, 'audit');
  const file = pino.destination({ dest: path, append: true, mkdir: true, mode: 0o600, sync: true });
  file.on('error', (error) => log.error({ err: error, path }, 'the audit log cannot be written'));
  return (entry) => void file.write(`${JSON.stringify(entry)}\n`);
}
