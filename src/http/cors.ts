import fastifyCors from '@fastify/cors';
import type { FastifyInstance } from 'fastify';

const A_DAY_SECONDS = 86_400;

/** Lets pages of these origins call the server with a token, never with cookies. With none, browsers keep every page of another origin out. */
export async function installCors(app: FastifyInstance, origins: readonly string[]): Promise<void> {
  if (origins.length === 0) return;
  await app.register(fastifyCors, {
    origin: [...origins],
    methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
    exposedHeaders: ['X-Request-ID', 'Retry-After', 'X-RateLimit-Limit', 'X-RateLimit-Remaining', 'X-RateLimit-Reset', 'Idempotent-Replayed', 'Content-Range'],
    maxAge: A_DAY_SECONDS,
    strictPreflight: false,
  });
}
