import { z } from 'zod';
import { optional } from './common.ts';
import { executeBody } from './run.ts';

/** What clients send over the WebSockets. */
export const executeMessage = executeBody.extend({ type: z.literal('execute') });

export const watchMessage = z.object({ action: z.literal('watch'), path: optional(z.string(), '/workspace') });

const size = z.int().min(1).max(1_000);

export const terminalMessage = z.discriminatedUnion('type', [
  z.object({ type: z.literal('input'), data: z.string().max(1_048_576) }),
  z.object({ type: z.literal('resize'), cols: size, rows: size }),
]);
