import { setTimeout as sleep } from 'node:timers/promises';
import { readHelper } from './helper-output.ts';
import type { Helper } from './helpers.ts';
import { FILE_ERROR_CODES, type FileErrorCode, WorkspaceError } from './workspace-error.ts';

/** The program in a container that does one thing to files (images/launcher/files), on its way. Everything rejects with a WorkspaceError. */
export interface FileProgram {
  /** The number that it answers next. Rejects with what it says against it. */
  answer(): Promise<number>;
  /** What it sends after its answer; iterate once. Leaving the loop closes the program. */
  data(): AsyncGenerator<Uint8Array>;
  /** Gives it all that it is to read. When that breaks off, or the signal does, it has removed what it had written as far as it could. */
  give(content: AsyncIterable<Uint8Array>): Promise<void>;
  /** Ends it, whatever it does. Idempotent. */
  close(): void;
}

export interface FileProgramOptions {
  /** As the caller wrote it. */
  readonly path: string;
  /** Closes the program; one that `writes` is let down gently. */
  readonly signal: AbortSignal;
  readonly writes: boolean;
}

/** For a program whose input has broken off to remove what it has written. */
const TIDY_MS = 2_000;

export function fileProgram(helper: Helper, { path, signal, writes }: FileProgramOptions): FileProgram {
  const { stdin, exit } = helper.container;
  const output = readHelper(helper.container);
  const onAbort = () => void (writes ? breakOff() : close());
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) onAbort();

  function close(): void {
    signal.removeEventListener('abort', onAbort);
    // What is not read holds up the removal.
    void output.close().catch(() => undefined);
    void helper.dispose();
  }

  async function breakOff(): Promise<void> {
    stdin.end();
    await Promise.race([exit, sleep(TIDY_MS, undefined, { ref: false })]);
    close();
  }

  return {
    async answer() {
      return parseAnswer(await output.line().catch(() => undefined), path);
    },
    async *data() {
      try {
        yield* output.rest();
      } finally {
        close();
      }
    },
    async give(content) {
      try {
        for await (const piece of content) {
          signal.throwIfAborted();
          await stdin.write(piece);
        }
      } catch (error) {
        await breakOff();
        throw error;
      }
      stdin.end();
    },
    close,
  };
}

function parseAnswer(line: string | undefined, path: string): number {
  const [, word, code, reason] = /^(ok|go|no) ?(\S*) ?(.*)$/s.exec(line ?? '') ?? [];
  if (word === 'ok' || word === 'go') return Number(code);
  const known = FILE_ERROR_CODES.find((each) => each === code) ?? ('FILE_OPERATION_FAILED' satisfies FileErrorCode);
  throw reason ? new WorkspaceError(known, path, reason) : brokenOff(path);
}

/** What breaks on the way from a container says nothing that a caller could use. */
export function brokenOff(path: string): WorkspaceError {
  return new WorkspaceError(
    'FILE_OPERATION_FAILED',
    path,
    'The files could not be reached to the end: they have changed meanwhile, or their container has gone. Try again.',
  );
}
