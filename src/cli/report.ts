import { constants } from 'node:os';
import { z } from 'zod';
import { ApiError, AuthenticationError, ConnectionError } from '../client/errors.ts';
import { CoracleError } from '../errors.ts';
import { SetupError } from '../setup/steps.ts';
import { UsageError } from './usage.ts';

export interface Explanation {
  readonly text: string;
  readonly exitCode: number;
  /** Whoever read our output has left: nothing is said then, as by other programs. */
  readonly isWithoutReader?: true;
}

/** What went wrong, as a line that says what to do, and the exit code; a stack only for what should not happen. */
export function explain(error: unknown): Explanation {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'EPIPE') return { text: '', exitCode: 128 + constants.signals.SIGPIPE, isWithoutReader: true };
  if (error instanceof UsageError) return { text: message, exitCode: 2 };
  if (code?.startsWith('ERR_PARSE_ARGS')) return { text: firstSentence(message), exitCode: 2 };
  if (error instanceof z.ZodError) return { text: z.prettifyError(error), exitCode: 2 };
  return { text: explainFailure(error as Error), exitCode: 1 };
}

function explainFailure(error: Error): string {
  const { code, message, stack } = error as NodeJS.ErrnoException;
  if (error instanceof AuthenticationError) return `${message} Set CORACLE_TOKEN or --token; where the server runs, "coracle token --tenant NAME" prints one.`;
  if (error instanceof ConnectionError) return `${message} Another is named by CORACLE_URL or --url.`;
  if (error instanceof ApiError || error instanceof CoracleError || error instanceof SetupError) return message;
  if (code === 'EADDRINUSE') return `the address is taken (${message}). Stop what listens there, or set CORACLE_PORT.`;
  // The system's own words, such as of a file that may not be written.
  if (code !== undefined && 'syscall' in error) return message;
  return stack ?? message;
}

/** parseArgs goes on with how to write an argument that begins with a dash. */
function firstSentence(message: string): string {
  return message.split('. ', 1)[0] ?? message;
}
