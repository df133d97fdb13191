import { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { CoracleError } from '../../errors.ts';
import { permissionsOf } from '../../workspace/entries.ts';
import { plainPath } from '../../workspace/path.ts';
import type { Place, Workspace } from '../../workspace/workspace.ts';
import { createBodyRoom } from '../body-room.ts';
import { errorSchema } from '../schemas/common.ts';
import { doneReply, existsReply, filesReply, listQuery, pathBody, pathQuery, readReply, uploadFields, writeBody, writeReply } from '../schemas/files.ts';
import { installUploads } from '../uploads.ts';

export interface FileRoutesDependencies {
  readonly workspace: Workspace;
  readonly mostFileBytes: number;
  /** Where uploads lie until they are whole. */
  readonly uploadsFolder: string;
}

const MIB = 1024 * 1024;
/** So many of the largest bodies and texts are in memory at once, over all; one of a tenant. */
const ROOM_FOR = 3;
/** A text is in memory as bytes, as characters and as JSON. */
const TEXT_FACTOR = 3;

/** What goes as JSON is in memory whole, so that it takes turns; uploads and downloads stream. */
export function fileRoutes({ workspace, mostFileBytes, uploadsFolder }: FileRoutesDependencies): FastifyPluginAsyncZod {
  // Base64 takes a third more.
  const bodyLimit = Math.ceil(mostFileBytes * 1.4) + MIB;
  const room = createBodyRoom({ most: ROOM_FOR * bodyLimit, mostOfTenant: bodyLimit });
  const { onRequest } = room;
  return async (app) => {
    const uploads = await installUploads(app, { folder: uploadsFolder, mostBytes: mostFileBytes });

    app.get('/files/read', { schema: readSchema, config }, async (request, reply) => {
      const { size, data } = await workspace.read(placeOf(request, reply, request.query.path));
      await room.take(request, reply, size * TEXT_FACTOR);
      const content = await new Response(Readable.toWeb(Readable.from(data)) as ReadableStream).text();
      return { content, path: request.query.path, size };
    });

    app.get('/files/download', { schema: downloadSchema, config }, async (request, reply) => {
      const { size, data } = await workspace.read(placeOf(request, reply, request.query.path));
      return sendFile(reply, size, Readable.from(data, { objectMode: false }));
    });

    app.post('/files/write', { schema: writeSchema, config, bodyLimit, onRequest }, async (request, reply) => {
      const { path, content, encoding, mode, overwrite } = request.body;
      const bytes = Buffer.from(content, encoding === 'base64' ? 'base64' : 'utf8');
      const what = { size: bytes.length, mode: Number.parseInt(mode, 8), overwrite, content: piecesOf(bytes) };
      await workspace.write({ ...placeOf(request, reply, path), ...what });
      return { ...done(path, 'File written'), size: bytes.length };
    });

    app.post('/files/upload', { schema: uploadSchema, config, bodyLimit }, (request, reply) =>
      uploads.receive(request, async ({ fields, size, open }) => {
        const { path, mode, overwrite } = readFields(fields);
        await workspace.write({ ...placeOf(request, reply, path), size, mode: Number.parseInt(mode, 8), overwrite, content: open() });
        return { ...done(path, 'File uploaded'), size };
      }),
    );

    app.get('/files/list', { schema: listSchema, config }, async (request, reply) => {
      const { path } = request.query;
      const entries = await workspace.list(placeOf(request, reply, path));
      const folder = plainPath(path);
      const files = entries.map(({ name, size, modifiedAt, mode, isDirectory }) => {
        const modified = new Date(modifiedAt).toISOString();
        const isDir = { is_directory: isDirectory, is_dir: isDirectory };
        return { name, path: `${folder}/${name}`, size, ...isDir, modified_time: modified, modified, permissions: permissionsOf(mode) };
      });
      return { files, path, count: files.length };
    });

    app.get('/files/exists', { schema: existsSchema, config }, async (request, reply) => {
      const { path } = request.query;
      return { exists: await workspace.exists(placeOf(request, reply, path)), path };
    });

    app.delete('/files/remove', { schema: removeSchema, config }, async (request, reply) => {
      await workspace.remove(placeOf(request, reply, request.query.path));
      return done(request.query.path, 'Removed');
    });

    app.post('/files/mkdir', { schema: mkdirSchema, config }, async (request, reply) => {
      await workspace.mkdir(placeOf(request, reply, request.body.path));
      return done(request.body.path, 'Directory made');
    });
  };
}

const config = { scope: 'files' } as const;

function placeOf({ scope }: FastifyRequest, reply: FastifyReply, path: string): Place {
  return { scope, path, signal: reply.gone };
}

function done(path: string, message: string) {
  return { success: true as const, path, message, timestamp: new Date().toISOString() };
}

/** Apart, because the schema of the route speaks of no JSON answer. */
function sendFile(reply: FastifyReply, size: number, data: Readable): never {
  return reply.type('application/octet-stream').header('Content-Length', size).send(data) as never;
}

/** The form has come by then, so that it could not be held to a schema before. */
function readFields(fields: Readonly<Record<string, string>>) {
  const parsed = uploadFields.safeParse(fields);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  throw new CoracleError('INVALID_REQUEST', `The form cannot be used: ${problems.join('; ')}.`);
}

const PIECE_BYTES = 256 * 1024;

async function* piecesOf(bytes: Buffer): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += PIECE_BYTES) yield bytes.subarray(at, at + PIECE_BYTES);
}

const errors = {
  400: errorSchema.describe('Invalid request, or not a regular file or directory'),
  403: errorSchema.describe('Outside of /workspace and /tmp (PATH_NOT_ALLOWED), or not allowed by its permissions'),
  404: errorSchema.describe('FILE_NOT_FOUND'),
  413: errorSchema.describe('Larger than a file may be'),
  422: errorSchema.describe('It could not be done, as with a full disk'),
  429: errorSchema.describe('Too many calls are under way'),
  503: errorSchema.describe('The container engine is away'),
};
const conflict = { 409: errorSchema.describe('It exists already') };
const shared = { tags: ['files'] };

const readSchema = { ...shared, summary: 'Read a text file', querystring: pathQuery, response: { 200: readReply, ...errors } };
const downloadSchema = {
  ...shared,
  summary: 'Download a file, exact to the byte',
  description: 'Answers application/octet-stream.',
  querystring: pathQuery,
  response: errors,
};
const writeSchema = {
  ...shared,
  summary: 'Write a file',
  description: 'Folders above it are made. The file appears whole or not at all.',
  body: writeBody,
  response: { 200: writeReply, ...errors, ...conflict },
};
const uploadSchema = {
  ...shared,
  summary: 'Upload a file as a form',
  description: 'multipart/form-data with the fields file and path, and optionally mode and overwrite, in any order.',
  consumes: ['multipart/form-data'],
  response: { 200: writeReply, ...errors, ...conflict },
};
const listSchema = { ...shared, summary: 'List a directory', querystring: listQuery, response: { 200: filesReply, ...errors } };
const existsSchema = { ...shared, summary: 'Whether a file or directory exists', querystring: pathQuery, response: { 200: existsReply, ...errors } };
const removeSchema = { ...shared, summary: 'Remove a file, or a directory with all in it', querystring: pathQuery, response: { 200: doneReply, ...errors } };
const mkdirSchema = { ...shared, summary: 'Make a directory and those above it', body: pathBody, response: { 200: doneReply, ...errors, ...conflict } };
