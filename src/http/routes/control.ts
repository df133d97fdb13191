import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import type { Control } from '../../execution/control.ts';
import { noSuchProcess } from '../errors.ts';
import { authErrors, errorSchema } from '../schemas/common.ts';
import { signalBody, signalReply, stdinReply } from '../schemas/control.ts';
import { processIdParams } from '../schemas/processes.ts';
import { decode, stdinBody } from '../schemas/source.ts';

/** How long input waits for a process that waits for its place. */
const START_MS = 60_000;

export function controlRoutes({ control }: { control: Control }): FastifyPluginAsyncZod {
  return async (app) => {
    app.post('/execute/processes/:process_id/stdin', { schema: stdinSchema, config }, async ({ scope, params: { process_id }, body }, reply) => {
      const data = decode(body);
      const sent = await control.send(scope, process_id, { data, isLast: body.close, ms: START_MS, signal: reply.gone });
      if (!sent) throw noSuchProcess(process_id);
      return { process_id, bytes: data.length, closed: body.close, timestamp: new Date().toISOString() };
    });

    app.post('/execute/processes/:process_id/signal', { schema: signalSchema, config }, async ({ scope, params: { process_id }, body: { signal } }) => {
      if (!(await control.signal(scope, process_id, signal))) throw noSuchProcess(process_id);
      return { process_id, signal, message: 'Signal sent', timestamp: new Date().toISOString() };
    });
  };
}

const config = { scope: 'processes:write' } as const;

const errors = {
  400: errorSchema.describe('Invalid request'),
  ...authErrors,
  404: errorSchema.describe('No such process in this sandbox'),
};

const stdinSchema = {
  summary: "Send to a process's standard input",
  description:
    'Answers when the engine has taken it, which a program holds up that reads nothing. The input is open when the request has said so ("close": false), until it is closed, the process has ended or the server has.',
  tags: ['processes'],
  params: processIdParams,
  body: stdinBody,
  response: {
    200: stdinReply,
    ...errors,
    409: errorSchema.describe('Its standard input is closed, or it has ended, or not started within 60 s'),
    429: errorSchema.describe('The program has not read 8 MiB that were sent before'),
  },
};

const signalSchema = {
  summary: 'Send a signal to a process',
  description:
    'INT, TERM, HUP, USR1 and USR2 go to the program, KILL ends everything in its container, STOP freezes everything in it and CONT lets it go on. Its time-out goes on also while it is frozen. To end a process for sure, kill it.',
  tags: ['processes'],
  params: processIdParams,
  body: signalBody,
  response: { 200: signalReply, ...errors, 409: errorSchema.describe('It has not started, or has ended') },
};
