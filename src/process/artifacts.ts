/** A file that a process has left and that was asked for. */
export interface Artifact {
  /** Absolute, in its sandbox. */
  readonly path: string;
  /** In bytes. */
  readonly size: number;
  /** False when it went beyond what is kept of one process. */
  readonly isKept: boolean;
}

/** The files of a process that are kept with its record. */
export interface Artifacts {
  /** Absolute globs, under /workspace or /tmp. */
  readonly patterns: readonly string[];
  /** Null until they have been fetched, and for ever when they could not be. */
  readonly files: readonly Artifact[] | null;
}
