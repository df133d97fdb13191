import type { z } from 'zod';
import type { doneReply, filesReply, uploadFields, writeReply } from '../http/schemas/files.ts';
import { chunksOf } from './chunks.ts';
import type { CallOptions, Transport } from './transport.ts';

export type FileList = z.output<typeof filesReply>;
export type FileEntry = FileList['files'][number];
export type FileWritten = z.output<typeof writeReply>;
export type FileDone = z.output<typeof doneReply>;

export interface WriteOptions extends CallOptions, Partial<Pick<z.output<typeof uploadFields>, 'mode' | 'overwrite'>> {}

/** The files of the sandbox, below /workspace and /tmp; a relative path is below /workspace. */
export interface Files {
  /** A whole file, exact to the byte. */
  read(path: string, options?: CallOptions): Promise<Uint8Array>;
  /** A file as it comes, for those that are too large for memory. */
  download(path: string, options?: CallOptions): Promise<AsyncIterable<Uint8Array>>;
  /** Writes a file, and the folders above it; it appears whole or not at all. A Blob of a file on disk is streamed. */
  write(path: string, content: string | Uint8Array<ArrayBuffer> | Blob, options?: WriteOptions): Promise<FileWritten>;
  list(path?: string, options?: CallOptions): Promise<FileList>;
  exists(path: string, options?: CallOptions): Promise<boolean>;
  /** A file, or a folder with all that is in it. */
  remove(path: string, options?: CallOptions): Promise<FileDone>;
  /** Makes a folder, and those above it. */
  mkdir(path: string, options?: CallOptions): Promise<FileDone>;
}

export function createFiles({ json, bytes, open }: Transport): Files {
  return {
    read: async (path, { signal } = {}) => (await bytes({ method: 'GET', path: '/files/download', query: { path }, signal, isRepeatable: true })).data,
    async download(path, { signal } = {}) {
      const { body } = await open({ method: 'GET', path: '/files/download', query: { path }, signal, isRepeatable: true });
      return body ? chunksOf(body) : nothing();
    },
    write(path, content, { mode, overwrite = true, signal } = {}) {
      const form = new FormData();
      form.append('path', path);
      if (mode !== undefined) form.append('mode', mode);
      form.append('overwrite', String(overwrite));
      form.append('file', content instanceof Blob ? content : new Blob([content]), 'file');
      return json({ method: 'POST', path: '/files/upload', form, signal, isRepeatable: overwrite });
    },
    list: (path, { signal } = {}) => json({ method: 'GET', path: '/files/list', query: { path }, signal, isRepeatable: true }),
    async exists(path, { signal } = {}) {
      const { exists } = await json<{ exists: boolean }>({ method: 'GET', path: '/files/exists', query: { path }, signal, isRepeatable: true });
      return exists;
    },
    remove: (path, { signal } = {}) => json({ method: 'DELETE', path: '/files/remove', query: { path }, signal, isRepeatable: false }),
    mkdir: (path, { signal } = {}) => json({ method: 'POST', path: '/files/mkdir', body: { path }, signal, isRepeatable: true }),
  };
}

async function* nothing(): AsyncGenerator<never> {}
