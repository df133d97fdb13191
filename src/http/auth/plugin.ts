import fastifyJwt, { type FastifyJWTOptions, type JWT, type VerifyOptions } from '@fastify/jwt';
import Fastify from 'fastify';

export type Algorithm = NonNullable<VerifyOptions['algorithms']>[number];

/**
 * @fastify/jwt on an app of its own that never listens: tokens are signed where no server runs, and the keys that verify come and go while one does, which a plugin
 * of the app that serves could not. No cache of tokens is on.
 */
export async function openJwt(options: FastifyJWTOptions): Promise<JWT> {
  const app = Fastify();
  await app.register(fastifyJwt, options);
  return app.jwt;
}
