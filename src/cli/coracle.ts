#!/usr/bin/env node
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { CoracleError } from '../errors.ts';
import { serve } from './serve.ts';
import { token } from './token.ts';
import { USAGE, UsageError } from './usage.ts';

const OPTIONS = {
  hello: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
  tenant: { type: 'string' },
  sandbox: { type: 'string' },
  ttl: { type: 'string' },
} as const;

async function run(args: string[]): Promise<void> {
  const { values, positionals } = parseArgs({ args, options: OPTIONS, allowPositionals: true });
  const [command, ...rest] = positionals;
  if (values.help || command === undefined) return void process.stdout.write(USAGE);
  if (rest.length > 0) throw new UsageError(`what is "${rest[0]}"? See coracle --help`);
  if (command === 'serve') return serve(values);
  if (command === 'token') return token(values);
  throw new UsageError(`there is no command "${command}": see coracle --help`);
}

/** One line that says what to do; a stack only for what should not happen. */
function report(error: unknown): number {
  const { code, message } = error as NodeJS.ErrnoException;
  if (error instanceof UsageError || code?.startsWith('ERR_PARSE_ARGS')) return complain(message, 2);
  if (error instanceof z.ZodError) return complain(z.prettifyError(error), 2);
  if (error instanceof CoracleError) return complain(message, 1);
  if (code === 'EADDRINUSE') return complain(`the address is taken (${message}). Stop what listens there, or set CORACLE_PORT.`, 1);
  return complain((error as Error).stack ?? message, 1);
}

function complain(text: string, exitCode: number): number {
  process.stderr.write(`coracle: ${text}\n`);
  return exitCode;
}

run(process.argv.slice(2)).catch((error) => process.exit(report(error)));
