import type { FastifyReply } from 'fastify';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import type { OutputSlice, OutputStore, ReadRequest } from '../../output/output-store.ts';
import type { ProcessStore } from '../../process/process-store.ts';
import { isTerminal } from '../../process/status.ts';
import { parseByteRange } from '../byte-range.ts';
import { HttpError, noSuchProcess } from '../errors.ts';
import { presentText } from '../present.ts';
import { authErrors, errorSchema } from '../schemas/common.ts';
import { MOST_OUTPUT_BYTES, outputHeaders, outputQuery, outputReply } from '../schemas/output.ts';
import { processIdParams } from '../schemas/processes.ts';

export interface OutputRoutesDependencies {
  readonly store: ProcessStore;
  readonly outputs: OutputStore;
}

export function outputRoutes({ store, outputs }: OutputRoutesDependencies): FastifyPluginAsyncZod {
  return async (app) => {
    app.get('/execute/processes/:process_id/output', { schema, config: { scope: 'processes:read' } }, async ({ scope, params, query, headers }, reply) => {
      const record = await store.find(scope, params.process_id);
      if (!record) throw noSuchProcess(params.process_id);
      const range = query.encoding === 'raw' ? parseByteRange(headers.range, MOST_OUTPUT_BYTES) : undefined;
      const request = { ...query, ...range };
      const slice = await outputs.read(record.id, request);
      const stretch = presentStretch(slice, request, isTerminal(record.status));
      if (query.encoding === 'raw') return sendRaw(reply, { data: slice.data, stretch, isRange: range !== undefined, hasEnded: isTerminal(record.status) });
      const data = query.encoding === 'base64' ? Buffer.from(slice.data).toString('base64') : presentText(slice, record);
      return { data, ...stretch };
    });
  };
}

type WireStretch = ReturnType<typeof presentStretch>;

function presentStretch({ offset, nextOffset, totalBytes, droppedBytes }: OutputSlice, asked: ReadRequest, hasEnded: boolean) {
  const wanted = asked.offset < 0 ? Math.max(0, totalBytes + asked.offset) : Math.min(asked.offset, totalBytes);
  return {
    offset,
    next_offset: nextOffset,
    total_bytes: totalBytes,
    dropped_bytes: droppedBytes,
    skipped_bytes: offset - wanted,
    eof: hasEnded && nextOffset === totalBytes,
  };
}

interface RawAnswer {
  readonly data: Uint8Array;
  readonly stretch: WireStretch;
  readonly isRange: boolean;
  readonly hasEnded: boolean;
}

/** Apart, because the schema of the route speaks of the JSON answers only. */
function sendRaw(reply: FastifyReply, { data, stretch, isRange, hasEnded }: RawAnswer): never {
  for (const [name, value] of Object.entries(stretch)) reply.header(`X-Output-${name.replaceAll('_', '-')}`, String(value));
  reply.header('Accept-Ranges', 'bytes').type('application/octet-stream');
  if (!isRange) return reply.send(data) as never;
  const total = hasEnded ? stretch.total_bytes : '*';
  if (data.length === 0 || stretch.skipped_bytes > 0) throw notThere(reply, stretch);
  return reply
    .code(206)
    .header('Content-Range', `bytes ${stretch.offset}-${stretch.next_offset - 1}/${total}`)
    .send(data) as never;
}

function notThere(reply: FastifyReply, { offset, total_bytes, skipped_bytes }: WireStretch): HttpError {
  reply.header('Content-Range', `bytes */${total_bytes}`);
  const message =
    skipped_bytes > 0
      ? `The first ${skipped_bytes} bytes of this range were dropped to keep within the output limit. What is kept goes on at byte ${offset}.`
      : `There are ${total_bytes} bytes so far. Ask for a range that begins before that.`;
  const details = { next_kept_offset: offset, total_bytes };
  return new HttpError({ status: 416, code: 'RANGE_NOT_SATISFIABLE', error: 'Range not satisfiable', message, details });
}

const schema = {
  summary: "A stretch of a process's output, exact to the byte",
  description: 'With encoding=raw the fields of the JSON answer but data come as headers, such as X-Output-Next-Offset, and a Range header is understood.',
  tags: ['processes'],
  params: processIdParams,
  querystring: outputQuery,
  headers: outputHeaders,
  response: {
    200: outputReply,
    206: outputReply.shape.data.describe('The bytes of the range (encoding=raw)'),
    400: errorSchema.describe('Invalid request'),
    ...authErrors,
    404: errorSchema.describe('No such process in this sandbox'),
    416: errorSchema.describe('The range begins where nothing is, or where bytes were dropped; details.next_kept_offset says where it goes on'),
  },
};
