import type { FastifyInstance } from 'fastify';
import { HttpError } from './errors.ts';

function invalidJson(problem: string): HttpError {
  return new HttpError({ status: 400, code: 'INVALID_JSON', error: 'Invalid JSON', message: `The request body is not valid JSON: ${problem}.` });
}

/**
 * The only body that is taken is JSON. It is stricter than Fastify's parser (bytes that are no UTF-8 are refused instead of replaced) and, as the SDKs
 * send empty bodies with a JSON content type, more lenient (an empty body is none).
 */
export function installJsonBody(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body: Buffer, done) => {
    if (body.length === 0) return done(null, undefined);
    try {
      done(null, JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body)));
    } catch (error) {
      done(invalidJson(error instanceof TypeError ? 'it is not UTF-8' : (error as Error).message));
    }
  });
}
