import { z } from 'zod';
import { executeMessage, terminalMessage, watchMessage } from '../../../src/http/schemas/sockets.ts';
import type { Schema } from '../document.ts';

/** A route that takes WebSocket connections: what a client may send it, and what it may say. */
export interface SocketRoute {
  readonly path: string;
  readonly takes: Schema;
  readonly says: z.ZodType;
}

const toSchema = (type: z.ZodType) => z.toJSONSchema(type, { io: 'input', unrepresentable: 'any' }) as Schema;

const timestamp = z.iso.datetime();
const error = z.strictObject({ type: z.literal('error'), error: z.string().min(1), code: z.string().regex(/^[A-Z_]+$/), timestamp });
const output = z.strictObject({ type: z.enum(['stdout', 'stderr']), data: z.string(), timestamp });
const result = z.looseObject({ type: z.literal('result'), exit_code: z.int().nullable(), execution_time: z.number(), success: z.boolean() });
const complete = z.strictObject({ type: z.literal('complete'), success: z.boolean() });
const change = z.strictObject({
  type: z.literal('change'),
  path: z.string(),
  event: z.enum(['created', 'modified', 'deleted', 'renamed']),
  old_path: z.string().optional(),
  timestamp,
});

/** As README and the routes' descriptions say; the OpenAPI document cannot speak of WebSockets. */
export const SOCKET_ROUTES: readonly [SocketRoute, ...SocketRoute[]] = [
  { path: '/execute/stream', takes: toSchema(executeMessage), says: z.union([output, result, error, complete]) },
  { path: '/files/watch', takes: toSchema(watchMessage), says: z.union([change, error]) },
  {
    path: '/terminal',
    takes: toSchema(terminalMessage),
    says: z.union([
      z.strictObject({ type: z.literal('output'), data: z.string().min(1) }),
      z.strictObject({ type: z.literal('exit'), code: z.int().nullable() }),
      error,
    ]),
  },
];
