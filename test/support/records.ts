import { newId } from '../../src/ids.ts';
import type { ProcessRecord } from '../../src/process/record.ts';
import type { ProcessSource } from '../../src/process/source.ts';

export const SCOPE = { tenant: 'acme', sandbox: 'default' } as const;

export const SOURCE: ProcessSource = { code: 'print(6 * 7)', env: {} };

/** A process that was just accepted, with ids of its own; what a test is about is said in `differences`. */
export function newRecord(differences: Partial<ProcessRecord> = {}): ProcessRecord {
  return {
    id: newId('proc'),
    executionId: newId('exec'),
    requestId: newId('req'),
    scope: SCOPE,
    name: null,
    language: 'python',
    runtime: null,
    workingDir: '/workspace',
    timeoutSeconds: 300,
    status: 'queued',
    cause: null,
    failure: null,
    exitCode: null,
    outputComplete: true,
    limits: { memoryBytes: 512 * 1024 * 1024, cpus: 1, pids: 128, tmpBytes: 64 * 1024 * 1024 },
    outputLimit: 1024 * 1024,
    onOutputLimit: 'truncate',
    storedBytes: 0,
    usage: null,
    artifacts: null,
    acceptedAt: 1_700_000_000_000,
    startingAt: null,
    startedAt: null,
    endedAt: null,
    containerId: null,
    ...differences,
  };
}
