import { newId } from '../../src/ids.ts';
import type { ProcessRecord } from '../../src/process/record.ts';

/** A process that was just accepted. */
export function newRecord(overrides: Partial<ProcessRecord> = {}): ProcessRecord {
  return {
    id: newId('proc'),
    executionId: newId('exec'),
    scope: { tenant: 'acme', sandbox: 'default' },
    name: null,
    language: 'bash',
    workingDir: '/workspace',
    timeoutSeconds: 60,
    status: 'queued',
    cause: null,
    failure: null,
    exitCode: null,
    outputComplete: true,
    outputLimit: 1024 * 1024,
    onOutputLimit: 'truncate',
    storedBytes: 0,
    usage: null,
    acceptedAt: Date.now(),
    startingAt: null,
    startedAt: null,
    endedAt: null,
    containerId: null,
    ...overrides,
  };
}
