import { randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import fastifyMultipart, { type Multipart } from '@fastify/multipart';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { CoracleError } from '../errors.ts';
import { WorkspaceError } from '../workspace/workspace-error.ts';

export interface UploadsOptions {
  /** Where files lie until the whole form has come; what an earlier server left there is removed. */
  readonly folder: string;
  readonly mostBytes: number;
}

/** A form with one file, which is on disk. */
export interface Upload {
  readonly fields: Readonly<Record<string, string>>;
  readonly filename: string;
  readonly size: number;
  /** What is in it, from the disk when it is iterated: until then there is nothing that could fail. */
  open(): AsyncIterable<Uint8Array>;
}

export interface Uploads {
  /** Takes the form of a request to disk, whatever the order of its parts, and removes it when `work` is over. */
  receive<T>(request: FastifyRequest, work: (upload: Upload) => Promise<T>): Promise<T>;
}

/** The JS SDK sends the file before the path that it is for: it has to lie somewhere until that comes. */
export async function installUploads(app: FastifyInstance, { folder, mostBytes }: UploadsOptions): Promise<Uploads> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await app.register(fastifyMultipart, {
    limits: { fileSize: mostBytes, files: 1, fields: 8, fieldSize: 8 * 1024, fieldNameSize: 128, parts: 9, headerPairs: 32 },
  });
  return {
    async receive(request, work) {
      if (!request.isMultipart()) throw new CoracleError('INVALID_REQUEST', 'Send a form (multipart/form-data) with the fields file and path.');
      const path = join(folder, randomUUID());
      try {
        const upload = await readForm(request, path).catch((error) => {
          throw isOfForm(error) ? badForm(error) : error;
        });
        return await work(upload);
      } finally {
        await rm(path, { force: true });
      }
    },
  };
}

async function readForm(request: FastifyRequest, path: string): Promise<Upload> {
  const fields = new Map<string, string>();
  let file: { filename: string; size: number } | undefined;
  for await (const part of request.parts()) {
    if (part.type === 'file') file = await keep(part, path);
    else fields.set(part.fieldname, String(part.value));
  }
  if (!file) throw new CoracleError('INVALID_REQUEST', 'The form has no file. Send it in the field file.');
  return { fields: Object.fromEntries(fields), ...file, open: () => contentOf(path) };
}

async function* contentOf(path: string): AsyncGenerator<Uint8Array> {
  yield* createReadStream(path);
}

/** The parser's own complaints, as of a form that ends too soon, come without a code; those of the disk and ours have one. */
function isOfForm(error: unknown): boolean {
  return error instanceof Error && (error as NodeJS.ErrnoException).code === undefined;
}

function badForm(cause: unknown): CoracleError {
  return new CoracleError(
    'INVALID_REQUEST',
    'The form cannot be read: its boundary, a part or its end is not as it should be. Send it as multipart/form-data.',
    cause,
  );
}

type FilePart = Extract<Multipart, { type: 'file' }>;

async function keep({ file, filename }: FilePart, path: string): Promise<{ filename: string; size: number }> {
  await pipeline(file, createWriteStream(path, { mode: 0o600 }));
  if (file.truncated) throw new WorkspaceError('FILE_TOO_LARGE', filename, 'The file is larger than one may be.');
  return { filename, size: file.bytesRead };
}
