import type { OutputStore } from '../output/output-store.ts';
import type { Artifact } from '../process/artifacts.ts';
import type { ProcessRecord, Scope } from '../process/record.ts';
import type { Log } from './log.ts';

export interface FoundFile {
  readonly path: string;
  readonly size: number;
  /** Exactly `size` bytes; the next file comes when it has been read to its end, or was left. */
  readonly content: AsyncIterable<Uint8Array>;
}

/** Finds the regular files of a sandbox that fit one of the absolute globs, each once, in their order. Rejects when they cannot all be read. */
export type FindFiles = (scope: Scope, patterns: readonly string[], signal: AbortSignal) => AsyncIterable<FoundFile>;

export interface KeepArtifactsDependencies {
  readonly outputs: OutputStore;
  readonly findFiles: FindFiles;
  readonly log: Log;
  /** Aborted when the server lets go; the next one fetches them again. */
  readonly closing: AbortSignal;
}

export interface KeptArtifacts {
  readonly files: readonly Artifact[] | null;
  /** On disk. */
  readonly bytes: number;
}

/** Of one process, all its files together. */
const MOST_BYTES = 64 * 1024 * 1024;
const MOST_MS = 60_000;

/** Copies what a process was to leave to its record's side. What cannot be fetched costs the artifacts, and holds up nothing. */
export async function keepArtifacts({ outputs, findFiles, log, closing }: KeepArtifactsDependencies, record: ProcessRecord): Promise<KeptArtifacts> {
  const { id, scope, artifacts } = record;
  const files: Artifact[] = [];
  let bytes = 0;
  try {
    const signal = AbortSignal.any([closing, AbortSignal.timeout(MOST_MS)]);
    for await (const { path, size, content } of findFiles(scope, artifacts?.patterns ?? [], signal)) {
      const isKept = bytes + size <= MOST_BYTES;
      if (isKept) await outputs.keepArtifact(id, files.length, content);
      if (isKept) bytes += size;
      files.push({ path, size, isKept });
    }
    return { files, bytes };
  } catch (error) {
    log.warn({ err: error, process: id }, 'the artifacts of a process could not be kept');
    return { files: null, bytes };
  }
}
