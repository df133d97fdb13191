import type { Callback } from './callback.ts';

/** Placed before the program starts. */
export interface SourceFile {
  /** Absolute, under /workspace or /tmp. */
  readonly path: string;
  readonly content: Uint8Array;
}

export interface SourceInput {
  readonly data: Uint8Array;
  /** Whether end of file follows, or what callers send later. */
  readonly isClosed: boolean;
}

/** What to run: kept beside the record, and read only when the process starts. */
export interface ProcessSource {
  readonly code: string;
  readonly env: Readonly<Record<string, string>>;
  /** Run this directly instead of any code, which is then empty. */
  readonly command?: readonly string[];
  /** Of the program that the code is. */
  readonly args?: readonly string[];
  readonly files?: readonly SourceFile[];
  /** Standard input; absent: end of file at once. */
  readonly stdin?: SourceInput;
  /** Whether what the code leaves to be shown (the value of its last expression, its figures) is to be kept as its result, where its language can tell. */
  readonly wantsResult?: true;
  /** Whom to tell of its end. A store keeps it as a delivery (webhooks/webhook-store.ts), and does not answer with it here. */
  readonly callback?: Callback;
}
