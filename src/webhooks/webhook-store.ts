import type { Callback } from '../process/callback.ts';
import type { ProcessRecord, Scope } from '../process/record.ts';

/** `delivered` and `failed` are final: a failed one was tried for DELIVERY_LIFE_MS. */
export type DeliveryState = 'pending' | 'delivered' | 'failed';

/** What is known of telling a process's end. Times are milliseconds since 1970. */
export interface Delivery {
  /** Opaque; the same in every attempt, so that a receiver can tell a repeat. */
  readonly id: string;
  readonly processId: string;
  readonly callback: Callback;
  readonly state: DeliveryState;
  readonly attempts: number;
  /** When it is tried next, once the process has ended. */
  readonly nextAt: number;
  readonly lastAt: number | null;
  /** The receiver's last answer; null when none came. */
  readonly lastStatus: number | null;
  /** Why the last attempt did not count; a sentence, safe to show to the tenant. */
  readonly lastError: string | null;
}

export type Attempt = Pick<Delivery, 'state' | 'nextAt' | 'lastStatus' | 'lastError'> & { readonly lastAt: number };

export interface DueDelivery {
  readonly delivery: Delivery;
  /** Has ended. */
  readonly record: ProcessRecord;
}

/**
 * Where deliveries live. Contract (test/contract/webhook-store.ts):
 * - a process that is inserted with a callback has a delivery from the same moment on, and loses it with its record;
 * - `find` takes the scope first and never answers with another scope's delivery;
 * - `due` names pending deliveries of processes that have ended and whose time has come, the longest overdue first, and at most so many of a tenant;
 * - `recordAttempt` is on disk before it resolves, counts one attempt, and changes nothing of a delivery that is gone or not pending.
 */
export interface WebhookStore {
  find(scope: Scope, processId: string): Promise<Delivery | undefined>;
  due(now: number, most: { readonly all: number; readonly perTenant: number }): Promise<readonly DueDelivery[]>;
  recordAttempt(processId: string, attempt: Attempt): Promise<void>;
}
