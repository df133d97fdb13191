import { newId } from '../ids.ts';
import type { LanguageRegistry } from '../languages/registry.ts';
import type { ProcessStore } from '../process/process-store.ts';
import type { ProcessRecord, Scope } from '../process/record.ts';
import type { Scheduler } from './scheduler.ts';

/** A request that has passed validation. */
export interface Submission {
  readonly code: string;
  /** Name or alias. */
  readonly language: string;
  readonly timeoutSeconds: number;
  readonly workingDir: string;
  readonly env: Readonly<Record<string, string>>;
  readonly name: string | null;
}

export interface SubmitDependencies {
  readonly store: ProcessStore;
  readonly scheduler: Scheduler;
  readonly languages: LanguageRegistry;
}

export type Submit = (scope: Scope, submission: Submission) => Promise<ProcessRecord>;

/**
 * Accepts a process: its record and code are on disk when this resolves, and its container starts afterwards.
 * Rejects with INVALID_REQUEST (unknown language), QUEUE_FULL, or what the store says, and has then accepted nothing.
 */
export function createSubmit({ store, scheduler, languages }: SubmitDependencies): Submit {
  return async (scope, { code, env, ...submission }) => {
    const language = languages.resolve(submission.language);
    const release = scheduler.reserve();
    try {
      const record = newRecord(scope, { ...submission, language: language.name });
      await store.insert(record, { code, env });
      scheduler.enqueue(scope.tenant, record.id);
      return record;
    } finally {
      release();
    }
  };
}

function newRecord(scope: Scope, submission: Omit<Submission, 'code' | 'env'>): ProcessRecord {
  return {
    id: newId('proc'),
    executionId: newId('exec'),
    scope,
    ...submission,
    status: 'queued',
    cause: null,
    failure: null,
    exitCode: null,
    outputComplete: true,
    acceptedAt: Date.now(),
    startedAt: null,
    endedAt: null,
    containerId: null,
  };
}
