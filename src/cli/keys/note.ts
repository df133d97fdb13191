import { userInfo } from 'node:os';
import { createAudit } from '../../compose/audit.ts';
import { newId } from '../../ids.ts';
import type { ApiKey } from '../../tenancy/api-keys.ts';

export type NoteKey = (action: 'create' | 'revoke', key: ApiKey) => void;

/**
 * Where the server's audit log is a file, what is done to keys on its machine stands in it too. Throws when the file cannot be opened, so that nothing is done
 * without it; one that cannot be written later is told on standard error.
 */
export function noteKeysIn(auditLog: string | undefined): NoteKey {
  if (auditLog === undefined) return () => undefined;
  const audit = createAudit(auditLog, { info: () => undefined, warn: complain, error: complain });
  return (action, { id, tenant }) =>
    audit({
      time: new Date().toISOString(),
      request_id: newId('req'),
      tenant,
      sandbox: null,
      subject: operator(),
      credential: 'operator',
      action: `coracle keys ${action}`,
      target: id,
      address: 'local',
      status: 200,
      code: null,
    });
}

/** As the system calls him; in a container he may have a number only. */
function operator(): string {
  try {
    return userInfo().username;
  } catch {
    return `uid ${process.getuid?.()}`;
  }
}

function complain(_details: object, message: string): void {
  process.stderr.write(`coracle: ${message}\n`);
}
