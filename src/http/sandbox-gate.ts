import type { FastifyInstance } from 'fastify';
import { isOver } from '../sandbox/lifetime.ts';
import { isSandboxId, type SandboxStore } from '../sandbox/sandbox.ts';
import { sandboxGone } from './errors.ts';

/**
 * Every call of `app` acts in a sandbox that lives: a token outlives its sandbox, and clients that are told so by a 410 do not try to refresh it, which
 * they would after a 401. One that is named by a word, and is not there yet, will be made.
 */
export function requireSandbox(app: FastifyInstance, sandboxes: SandboxStore): void {
  app.addHook('onRequest', async (request) => {
    const { tenant, sandbox: name } = request.scope;
    const found = await sandboxes.find(tenant, name);
    if (found ? isOver(found, Date.now()) : isSandboxId(name)) throw sandboxGone(found?.id ?? name, found);
    if (found) request.scope = found.scope;
  });
}
