import { z } from 'zod';
import { CoracleError } from '../errors.ts';
import { UsageError } from './usage.ts';

/** What went wrong, as one line that says what to do, and the exit code; a stack only for what should not happen. */
export function explain(error: unknown): { readonly text: string; readonly exitCode: number } {
  const { code, message } = error as NodeJS.ErrnoException;
  if (error instanceof UsageError) return { text: message, exitCode: 2 };
  if (code?.startsWith('ERR_PARSE_ARGS')) return { text: firstSentence(message), exitCode: 2 };
  if (error instanceof z.ZodError) return { text: z.prettifyError(error), exitCode: 2 };
  if (error instanceof CoracleError) return { text: message, exitCode: 1 };
  if (code === 'EADDRINUSE') return { text: `the address is taken (${message}). Stop what listens there, or set CORACLE_PORT.`, exitCode: 1 };
  return { text: (error as Error).stack ?? message, exitCode: 1 };
}

/** parseArgs goes on with how to write an argument that begins with a dash. */
function firstSentence(message: string): string {
  return message.split('. ', 1)[0] ?? message;
}
