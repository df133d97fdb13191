import { z } from 'zod';
import { optional } from './common.ts';

const path = z.string().describe('Below /workspace or /tmp; a relative path is below /workspace');

export const pathQuery = z.object({ path });
export const listQuery = z.object({ path: path.default('/workspace') });
export const pathBody = z.object({ path });

const mode = z
  .string()
  .regex(/^0?[0-7]{3}$/, 'must be three octal digits, as in "0644"')
  .describe('Permission bits');

export const writeBody = z
  .object({
    path,
    content: z.string(),
    encoding: optional(z.enum(['utf8', 'utf-8', 'base64']).describe('Of content'), 'utf8'),
    mode: optional(mode, '0644'),
    overwrite: optional(z.boolean(), true),
  })
  .meta({ id: 'FileWrite' });

/** The fields of the form besides the file, in any order. */
export const uploadFields = z.object({ path, mode: optional(mode, '0644'), overwrite: optional(z.stringbool(), true) });

export const readReply = z
  .object({ content: z.string().describe('As UTF-8; GET /files/download is exact for everything'), path: z.string(), size: z.int() })
  .meta({ id: 'FileRead' });

const done = { success: z.literal(true), path: z.string(), message: z.string(), timestamp: z.iso.datetime() };
export const doneReply = z.object(done).meta({ id: 'FileDone' });
export const writeReply = z.object({ ...done, size: z.int() }).meta({ id: 'FileWritten' });
export const existsReply = z.object({ exists: z.boolean(), path: z.string() }).meta({ id: 'FileExists' });

const entry = z.object({
  name: z.string(),
  path: z.string(),
  size: z.int(),
  is_directory: z.boolean(),
  is_dir: z.boolean().describe('The same as is_directory'),
  modified_time: z.iso.datetime(),
  modified: z.iso.datetime().describe('The same as modified_time'),
  permissions: z.string().describe('As in rw-r--r--'),
});

export const filesReply = z.object({ files: z.array(entry).describe('By name'), path: z.string(), count: z.int() }).meta({ id: 'FileList' });
