import type { Scope } from '../process/record.ts';
import { createGate } from '../tenancy/gate.ts';
import { packFile, unpackFile } from './archive.ts';
import { type DirectoryEntry, readEntries } from './entries.ts';
import { brokenOff, type FileProgram, fileProgram } from './file-program.ts';
import type { Helpers } from './helpers.ts';
import { plainPath } from './path.ts';
import { WorkspaceError } from './workspace-error.ts';

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
  /** Iterate once; exactly `size` bytes, or an error when the file has become shorter meanwhile. Leaving the loop lets go of the file. */
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
const TRANSFERS = { all: 16, perTenant: () => 4, waiting: 64 };
const WATCHES = { all: 32, perTenant: () => 4, waiting: 0 };

export function createWorkspace({ helpers, mostBytes }: WorkspaceOptions): Workspace {
  const gates = { transfer: createGate(TRANSFERS), watch: createGate(WATCHES) };

  async function open(verb: string, { scope, path, signal }: Place, more: readonly (string | number)[] = []): Promise<FileProgram> {
    const run = [PROGRAM, verb, plainPath(path), ...more.map(String)];
    const gate = verb === 'watch' ? gates.watch : gates.transfer;
    const helper = await helpers.start({ scope, image: IMAGE, run, env: ENV, gate, signal });
    const until = verb === 'watch' ? signal : AbortSignal.any([signal, AbortSignal.timeout(MOST_MS)]);
    return fileProgram(helper, { path, signal: until, writes: verb === 'write' });
  }

  /** Does something that is over with its one answer. */
  async function ask(verb: string, place: Place): Promise<number> {
    const program = await open(verb, place);
    return program.answer().finally(program.close);
  }

  return {
    async read({ path, ...place }) {
      const program = await open('read', { path, ...place }, [mostBytes]);
      return orClose(program, async () => {
        await program.answer();
        const { size, data } = await told(path, unpackFile(program.data()));
        if (size > mostBytes) throw tooLarge(path, size, mostBytes);
        return { size, data: tellingOf(path, data) };
      });
    },
    async write({ size, mode, overwrite, content, ...place }) {
      if (size > mostBytes) throw tooLarge(place.path, size, mostBytes);
      const program = await open('write', place, [size, mode.toString(8), overwrite ? 'replace' : 'new']);
      await orClose(program, async () => {
        await program.answer();
        await program.give(packFile({ size, content }));
        await program.answer();
      });
      program.close();
    },
    async list(place) {
      const program = await open('list', place, [MOST_ENTRIES]);
      return orClose(program, async () => {
        await program.answer();
        return told(place.path, readEntries(program.data()));
      });
    },
    exists: async (place) => (await ask('exists', place)) === 1,
    mkdir: async (place) => void (await ask('mkdir', place)),
    remove: async (place) => void (await ask('remove', place)),
    async watch(place) {
      const program = await open('watch', place);
      await orClose(program, program.answer);
      return program.data();
    },
  };
}

const tooLarge = (path: string, size: number, most: number) =>
  new WorkspaceError('FILE_TOO_LARGE', path, `It has ${size} bytes; at most ${most} can be read or written.`);

async function orClose<T>({ close }: FileProgram, work: () => Promise<T>): Promise<T> {
  return work().catch((error) => {
    close();
    throw error;
  });
}

async function told<T>(path: string, work: Promise<T>): Promise<T> {
  return work.catch(() => {
    throw brokenOff(path);
  });
}

async function* tellingOf(path: string, data: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* data;
  } catch {
    throw brokenOff(path);
  }
}
