import fastifyRateLimit from '@fastify/rate-limit';
import type { FastifyInstance } from 'fastify';
import type { LimitsOf } from '../tenancy/limits.ts';
import { HttpError } from './errors.ts';

const MINUTE_MS = 60_000;
/** The least recently seen are forgotten, and begin their minute anew. */
const MOST_TENANTS_COUNTED = 10_000;

/** Counts each tenant's requests by the minute, after its token was verified and before the body is read. Register it after the tokens and before the routes. */
export async function installRateLimit(app: FastifyInstance, limitsOf: LimitsOf): Promise<void> {
  await app.register(fastifyRateLimit, {
    timeWindow: MINUTE_MS,
    cache: MOST_TENANTS_COUNTED,
    keyGenerator: ({ caller }) => caller.tenant,
    max: ({ caller }) => limitsOf(caller.tenant).requestsPerMinute,
    allowList: ({ caller }) => limitsOf(caller.tenant).requestsPerMinute === Number.POSITIVE_INFINITY,
    errorResponseBuilder: (_request, { max, ttl }) => tooMany(max, Math.ceil(ttl / 1000)),
  });
}

function tooMany(limit: number, seconds: number): HttpError {
  return new HttpError({
    status: 429,
    code: 'RATE_LIMIT_EXCEEDED',
    error: 'Too many requests',
    message: `This tenant may send ${limit} requests a minute. Try again in ${seconds} s.`,
    details: { limit },
    retryAfterSeconds: seconds,
  });
}
