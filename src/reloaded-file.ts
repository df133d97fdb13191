import { readFileSync, unwatchFile, watchFile } from 'node:fs';
import { CoracleError } from './errors.ts';

const LOOK_EVERY_MS = 1_000;

export interface ReloadedFileOptions<T> {
  readonly path: string;
  /** Throws what is wrong with the text. */
  readonly parse: (text: string) => T;
  /** Told what is wrong with a change; what was read before then stays in force. */
  readonly onBadChange: (error: unknown) => void;
  readonly closing: AbortSignal;
}

/**
 * What a file says, read again within a second when it changes, also when another is moved into its place. Throws CONFIG_INVALID when it cannot be used at
 * the start.
 */
export function reloadedFile<T>({ path, parse, onBadChange, closing }: ReloadedFileOptions<T>): () => T {
  const read = () => parse(readFileSync(path, 'utf8'));
  let current = atStart(path, read);
  function readAgain(): void {
    try {
      current = read();
    } catch (error) {
      onBadChange(error);
    }
  }
  // By polling, which also sees what is mounted into a container and what a network file system changes.
  watchFile(path, { interval: LOOK_EVERY_MS, persistent: false }, readAgain);
  closing.addEventListener('abort', () => unwatchFile(path, readAgain), { once: true });
  return () => current;
}

function atStart<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new CoracleError('CONFIG_INVALID', `${path} cannot be used: ${(error as Error).message}`, error);
  }
}
