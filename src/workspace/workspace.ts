import { setTimeout as sleep } from 'node:timers/promises';
import type { Scope } from '../process/record.ts';
import { createGate } from '../tenancy/gate.ts';
import { type DirectoryEntry, parseEntries } from './entries.ts';
import { type HelperOutput, readHelper } from './helper-output.ts';
import type { Helper, Helpers } from './helpers.ts';
import { plainPath } from './path.ts';
import { FILE_ERROR_CODES, type FileErrorCode, WorkspaceError } from './workspace-error.ts';

export interface WorkspaceOptions {
  readonly helpers: Helpers;
  /** Of one file, read or written. */
  readonly mostBytes: number;
}

export interface Place {
  readonly scope: Scope;
  /** As the caller wrote it. */
  readonly path: string;
  readonly signal: AbortSignal;
}

export interface Write extends Place {
  readonly size: number;
  /** Permission bits. */
  readonly mode: number;
  readonly overwrite: boolean;
  /** Exactly `size` bytes. */
  readonly content: AsyncIterable<Uint8Array>;
}

export interface OpenFile {
  readonly size: number;
  /** Iterate once; ends early when the file has become shorter meanwhile. Leaving the loop lets go of the file. */
  readonly data: AsyncGenerator<Uint8Array>;
}

/**
 * The files of a sandbox below /workspace and /tmp, reached through short-lived containers of the sandbox, as its user: nothing of the host is ever
 * opened. Links are followed inside the two only; regular files and directories only. Everything rejects with a WorkspaceError, or as Helpers.start.
 */
export interface Workspace {
  read(place: Place): Promise<OpenFile>;
  /** Makes the folders above; the file appears whole or not at all. */
  write(write: Write): Promise<void>;
  list(place: Place): Promise<readonly DirectoryEntry[]>;
  exists(place: Place): Promise<boolean>;
  /** With the folders above; nothing happens where it is one already. */
  mkdir(place: Place): Promise<void>;
  /** With everything below; of a link only the link. */
  remove(place: Place): Promise<void>;
  /** Watches it and everything below, from when this resolves on. */
  watch(place: Place): Promise<AsyncGenerator<Uint8Array>>;
}

const PROGRAM = '/opt/coracle/files';
const IMAGE = 'bash';
const ENV = { PATH: '/usr/bin:/bin', LANG: 'C.UTF-8' };
const MOST_ENTRIES = 10_000;
/** For the longest transfer. */
const MOST_MS = 600_000;
/** For a program whose input has broken off to remove what it has written. */
const TIDY_MS = 2_000;
const TRANSFERS = { all: 16, perTenant: () => 4, waiting: 64 };
const WATCHES = { all: 32, perTenant: () => 4, waiting: 0 };

export function createWorkspace({ helpers, mostBytes }: WorkspaceOptions): Workspace {
  const gates = { transfer: createGate(TRANSFERS), watch: createGate(WATCHES) };

  async function open(verb: string, { scope, path, signal }: Place, more: readonly (string | number)[] = []): Promise<Opened> {
    const run = [PROGRAM, verb, plainPath(path), ...more.map(String)];
    const gate = verb === 'watch' ? gates.watch : gates.transfer;
    const helper = await helpers.start({ scope, image: IMAGE, run, env: ENV, gate, signal });
    return opened(helper, { path, signal: verb === 'watch' ? signal : AbortSignal.any([signal, AbortSignal.timeout(MOST_MS)]) });
  }

  /** Does something that is over with its one answer. */
  async function ask(verb: string, place: Place): Promise<number> {
    const { answer, close } = await open(verb, place);
    return answer().finally(close);
  }

  return {
    async read(place) {
      const { answer, output, close } = await open('read', place, [mostBytes]);
      const size = await orClose(answer(), close);
      return { size, data: closing(output, close) };
    },
    async write({ size, mode, overwrite, content, ...place }) {
      if (size > mostBytes) throw new WorkspaceError('FILE_TOO_LARGE', place.path, `It has ${size} bytes; at most ${mostBytes} can be written.`);
      const opened = await open('write', place, [size, mode.toString(8), overwrite ? 'replace' : 'new']);
      await send(opened, content).finally(opened.close);
    },
    async list(place) {
      const { answer, output, close } = await open('list', place, [MOST_ENTRIES]);
      await orClose(answer(), close);
      return parseEntries(await collect(closing(output, close)));
    },
    exists: async (place) => (await ask('exists', place)) === 1,
    mkdir: async (place) => void (await ask('mkdir', place)),
    remove: async (place) => void (await ask('remove', place)),
    async watch(place) {
      const { answer, output, close } = await open('watch', place);
      await orClose(answer(), close);
      return closing(output, close);
    },
  };
}

interface Opened {
  readonly helper: Helper;
  readonly output: HelperOutput;
  /** The number that the program answers. Rejects with what it says against it. */
  readonly answer: () => Promise<number>;
  readonly close: () => void;
}

function opened(helper: Helper, { path, signal }: { path: string; signal: AbortSignal }): Opened {
  const output = readHelper(helper.container);
  function close(): void {
    signal.removeEventListener('abort', close);
    // What is not read holds up the removal.
    void output.close().catch(() => undefined);
    void helper.dispose();
  }
  signal.addEventListener('abort', close, { once: true });
  if (signal.aborted) close();
  const answer = async () => parseAnswer(await output.line().catch(() => undefined), path);
  return { helper, output, answer, close };
}

function parseAnswer(line: string | undefined, path: string): number {
  const [, word, code, reason] = /^(ok|go|no) ?(\S*) ?(.*)$/s.exec(line ?? '') ?? [];
  if (word === 'ok' || word === 'go') return Number(code);
  const known = FILE_ERROR_CODES.find((each) => each === code) ?? ('FILE_OPERATION_FAILED' satisfies FileErrorCode);
  throw new WorkspaceError(known, path, reason || 'The files could not be reached to the end. Try again.');
}

async function send({ helper, answer }: Opened, content: AsyncIterable<Uint8Array>): Promise<void> {
  const { stdin, exit } = helper.container;
  await answer();
  try {
    for await (const chunk of content) await stdin.write(chunk);
  } catch (error) {
    stdin.end();
    await Promise.race([exit, sleep(TIDY_MS, undefined, { ref: false })]);
    throw error;
  }
  await answer();
}

async function orClose<T>(work: Promise<T>, close: () => void): Promise<T> {
  return work.catch((error) => {
    close();
    throw error;
  });
}

async function* closing(output: HelperOutput, close: () => void): AsyncGenerator<Uint8Array> {
  try {
    yield* output.rest();
  } finally {
    close();
  }
}

async function collect(pieces: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const all: Uint8Array[] = [];
  for await (const piece of pieces) all.push(piece);
  return Buffer.concat(all);
}
