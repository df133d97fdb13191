import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import type { Scope } from '../../process/record.ts';
import { changeEnvironment, type Environment, type EnvironmentChange } from '../../sandbox/environment.ts';
import { ON_FIRST_USE, type SandboxStore } from '../../sandbox/sandbox.ts';
import type { LimitsOf } from '../../tenancy/limits.ts';
import { errorSchema } from '../schemas/common.ts';
import { envChangeBody, envParams, envReplaceBody, envReply } from '../schemas/env.ts';

/** Values are never masked: the SDKs' own delete reads all of them, drops one and writes the rest back. */
export function envRoutes({ sandboxes, limitsOf }: { sandboxes: SandboxStore; limitsOf: LimitsOf }): FastifyPluginAsyncZod {
  async function change(scope: Scope, wanted: EnvironmentChange) {
    const { id } = await sandboxes.ensure(scope, limitsOf(scope.tenant).sandboxes);
    const changed = await sandboxes.update(scope.tenant, id, ({ env }) => ({ env: changeEnvironment(env, wanted) }));
    return present(changed?.env ?? {});
  }

  return async (app) => {
    app.get('/env', { schema: schemas.get, config }, async ({ scope }) => {
      const sandbox = await sandboxes.find(scope.tenant, scope.sandbox);
      return present((sandbox ?? ON_FIRST_USE).env);
    });
    app.put('/env', { schema: schemas.put, config }, ({ scope, body }) => change(scope, { kind: 'replace', variables: body.env_vars }));
    app.patch('/env', { schema: schemas.patch, config }, ({ scope, body }) =>
      change(scope, { kind: body.merge ? 'merge' : 'replace', variables: body.env_vars }),
    );
    app.delete('/env', { schema: schemas.clear, config }, ({ scope }) => change(scope, { kind: 'replace', variables: {} }));
    app.delete('/env/:key', { schema: schemas.remove, config }, ({ scope, params }) => change(scope, { kind: 'remove', name: params.key }));
  };
}

function present(variables: Environment) {
  return { env_vars: variables, count: Object.keys(variables).length, timestamp: new Date().toISOString() };
}

/** Also to read: a variable may be a secret, and who may run code can print it anyway. */
const config = { scope: 'processes:write' } as const;

const common = { tags: ['environment'], response: { 200: envReply, 400: errorSchema.describe('Invalid request') } };

const schemas = {
  get: { summary: "The sandbox's environment", description: "Its processes get it over their language's; a request's own `env` comes on top.", ...common },
  put: { summary: "Replace the sandbox's environment", body: envReplaceBody, ...common },
  patch: { summary: "Set variables of the sandbox's environment", body: envChangeBody, ...common },
  clear: { summary: "Remove all variables of the sandbox's environment", ...common },
  remove: { summary: "Remove a variable of the sandbox's environment", params: envParams, ...common },
};
