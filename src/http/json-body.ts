import type { FastifyInstance } from 'fastify';
import { HttpError } from './errors.ts';
import { beyondBounds, type JsonBounds } from './json-bounds.ts';

function invalidJson(problem: string): HttpError {
  return new HttpError({ status: 400, code: 'INVALID_JSON', error: 'Invalid JSON', message: `The request body is not valid JSON: ${problem}.` });
}

function tooComplex(problem: string): HttpError {
  return new HttpError({
    status: 400,
    code: 'INVALID_REQUEST',
    error: 'Body too complex',
    message: `The request body is not taken: ${problem}. Send less at once.`,
  });
}

const BOUNDS: JsonBounds = { depth: 32, parts: 20_000 };

/**
 * The only body that is taken is JSON. It is stricter than Fastify's parser (bytes that are no UTF-8 are refused instead of replaced) and, as the SDKs
 * send empty bodies with a JSON content type, more lenient (an empty body is none).
 */
export function installJsonBody(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body: Buffer, done) => {
    if (body.length === 0) return done(null, undefined);
    const beyond = beyondBounds(body, BOUNDS);
    if (beyond) return done(tooComplex(beyond));
    try {
      done(null, JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body)));
    } catch (error) {
      done(invalidJson(error instanceof TypeError ? 'it is not UTF-8' : (error as Error).message));
    }
  });
}
