import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { CoracleError } from '../../errors.ts';
import type { Submit } from '../../execution/submit.ts';
import type { Callback } from '../../process/callback.ts';
import { addressIn, isPublicAddress } from '../../webhooks/address.ts';
import { type AsyncBody, asyncBody, asyncReply } from '../schemas/async.ts';
import { backgroundHeaders } from '../schemas/execute.ts';
import { acceptanceErrors, toSubmission } from './background.ts';

export interface AsyncRoutesDependencies {
  readonly submit: Submit;
  /** Whether callbacks may go to addresses that are not public. */
  readonly allowPrivateCallbacks: boolean;
}

export function asyncRoutes({ submit, allowPrivateCallbacks }: AsyncRoutesDependencies): FastifyPluginAsyncZod {
  return async (app) => {
    app.post('/execute/async', { schema, config: { scope: 'processes:write' } }, async ({ id: requestId, scope, body, headers }, reply) => {
      if (!allowPrivateCallbacks) refusePrivate(body.callback_url);
      const submission = { ...toSubmission(body), requestId, callback: toCallback(body) };
      const { accepted, isRepeat } = await submit(scope, submission, headers['idempotency-key']);
      if (isRepeat) reply.header('Idempotent-Replayed', 'true');
      return { execution_id: accepted.executionId, process_id: accepted.id, status: 'queued' as const, callback_url: body.callback_url };
    });
  };
}

function toCallback({ callback_url, callback_headers, callback_signature_secret }: AsyncBody): Callback {
  return { url: callback_url, headers: callback_headers ?? {}, secret: callback_signature_secret };
}

/** A name is looked at when it is resolved, at every attempt. */
function refusePrivate(url: string): void {
  const address = addressIn(new URL(url));
  if (address === undefined || isPublicAddress(address)) return;
  throw new CoracleError(
    'INVALID_REQUEST',
    'callback_url: it leads to an address that is not public. The operator can allow that: CORACLE_WEBHOOK_ALLOW_PRIVATE.',
  );
}

const schema = {
  summary: 'Execute code in the background and have the result posted to a URL',
  description:
    'The result is posted when the process has ended, with X-HopX-Timestamp, X-HopX-Delivery (the same in every attempt) and, when a secret was given, X-HopX-Signature: sha256= and the hex HMAC-SHA256 of the timestamp followed by the raw body. Any answer but 2xx is tried again for 24 h, with growing pauses.',
  tags: ['execute'],
  headers: backgroundHeaders,
  body: asyncBody,
  response: { 200: asyncReply, ...acceptanceErrors },
};
