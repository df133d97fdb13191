/** What may stay of what has ended. */
export interface RetentionPolicy {
  /** Records that ended before this go, in milliseconds since 1970. */
  readonly endedBefore: number;
  /** Of each sandbox the newest so many stay. */
  readonly mostPerSandbox: number;
  /** Bytes of output on disk, over all tenants; the oldest go first. */
  readonly mostBytes: number;
  /** Likewise of each tenant; Infinity for no limit. */
  readonly mostBytesOf: (tenant: string) => number;
}

/**
 * The upkeep of records, for the server itself. Contract (test/contract/retention-store.ts): only records that have ended are ever named or removed;
 * `expired` answers oldest first.
 */
export interface RetentionStore {
  /** Up to `limit` ids that the policy has no room for. */
  expired(policy: RetentionPolicy, limit: number): Promise<readonly string[]>;
  /** Removes records that have ended; answers which of the ids are gone now, others were not there or have not ended. */
  remove(ids: readonly string[]): Promise<readonly string[]>;
  /** Which of these ids have no record. */
  unknown(ids: readonly string[]): Promise<readonly string[]>;
  /** Drops idempotency keys older than KEY_LIFE_MS. */
  forgetKeys(): Promise<void>;
  /** On disk, of the output of what has ended of a tenant. */
  bytesOf(tenant: string): Promise<number>;
  isEmpty(): Promise<boolean>;
}
