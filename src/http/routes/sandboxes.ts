import type { FastifyRequest } from 'fastify';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import type { SandboxPauser } from '../../execution/pause-sandbox.ts';
import type { SandboxReaper } from '../../execution/reap-sandboxes.ts';
import type { ContainerLimits } from '../../process/limits.ts';
import { isOver, livingFor } from '../../sandbox/lifetime.ts';
import type { Sandbox, SandboxStore } from '../../sandbox/sandbox.ts';
import type { Template } from '../../sandbox/templates.ts';
import type { LimitsOf } from '../../tenancy/limits.ts';
import type { MintSandboxToken } from '../auth/sandbox-token.ts';
import { noSuchSandbox, sandboxGone } from '../errors.ts';
import { presentSandbox } from '../present-sandbox.ts';
import { publicHost } from '../public-host.ts';
import { toWish } from '../sandbox-wish.ts';
import * as wire from '../schemas/sandboxes.ts';

export interface SandboxRoutesDependencies {
  readonly sandboxes: SandboxStore;
  readonly templates: readonly Template[];
  readonly reaper: SandboxReaper;
  readonly pauser: SandboxPauser;
  readonly mintSandboxToken: MintSandboxToken;
  readonly limitsOf: LimitsOf;
  /** Of a container, where its sandbox has none of its own. */
  readonly limits: ContainerLimits;
  /** Size of the disk that all workspaces share. */
  readonly diskBytes: number;
  /** Whether sandboxes that wish for it have a network now. */
  readonly offersInternet: () => boolean;
  /** Where clients reach this server; as whoever asks has reached it when absent. */
  readonly publicUrl: string | undefined;
}

/** When a deletion that is not done yet is answered, in milliseconds: under the 60 s after which the SDKs send it again. */
const DELETE_ANSWER_MS = 25_000;

/** The control plane: a tenant's sandboxes. */
export function sandboxRoutes(dependencies: SandboxRoutesDependencies): FastifyPluginAsyncZod {
  const { sandboxes, templates, reaper, pauser, mintSandboxToken, limitsOf, limits, diskBytes, offersInternet, publicUrl } = dependencies;

  const view = (request: FastifyRequest, sandbox: Sandbox) =>
    presentSandbox({ sandbox, publicHost: publicHost(request, publicUrl), limits, diskBytes, offersInternet: offersInternet() });

  async function tokenOf({ caller }: FastifyRequest, sandbox: Sandbox) {
    const { token, expiresAt } = await mintSandboxToken(sandbox, caller);
    return { auth_token: token, token_expires_at: new Date(expiresAt).toISOString() };
  }

  async function find({ caller }: FastifyRequest, id: string): Promise<Sandbox> {
    const found = await sandboxes.find(caller.tenant, id);
    if (!found) throw noSuchSandbox(id);
    if (isOver(found, Date.now())) throw sandboxGone(found.id, found);
    return found;
  }

  return async (app) => {
    app.post('/v1/sandboxes', { schema: schemas.create, config }, async (request, reply) => {
      const { tenant } = request.caller;
      const made = await sandboxes.create(tenant, toWish(request.body, { templates, limits }), limitsOf(tenant).sandboxes);
      return reply.code(201).send({ ...view(request, made), ...(await tokenOf(request, made)) });
    });

    app.get('/v1/sandboxes', { schema: schemas.list, config }, async (request) => {
      const { limit, cursor, region, status = 'any' } = request.query;
      const wanted = STATUSES.find((known) => known === status.toLowerCase());
      if (!wanted) return { data: [], has_more: false, next_cursor: null };
      const page = { limit, cursor, region, ...(wanted === 'any' ? {} : { status: wanted }) };
      const { sandboxes: found, nextCursor } = await sandboxes.list(request.caller.tenant, page);
      const alive = found.filter((sandbox) => !isOver(sandbox, Date.now()));
      return { data: alive.map((sandbox) => view(request, sandbox)), has_more: nextCursor !== null, next_cursor: nextCursor };
    });

    app.get('/v1/sandboxes/:id', { schema: schemas.get, config }, async (request) => view(request, await find(request, request.params.id)));

    app.delete('/v1/sandboxes/:id', { schema: schemas.remove, config }, async ({ caller, params: { id } }) => {
      const status = await reaper.remove(caller.tenant, id, DELETE_ANSWER_MS);
      if (status === 'not_found') throw noSuchSandbox(id);
      return { id, status, message: status === 'deleted' ? 'Sandbox deleted' : 'Nothing is accepted in it any more; what is left of it is being removed' };
    });

    app.post('/v1/sandboxes/:id/token/refresh', { schema: schemas.refresh, config }, async (request) =>
      tokenOf(request, await find(request, request.params.id)),
    );

    for (const action of ['pause', 'resume'] as const) {
      app.post(`/v1/sandboxes/:id/${action}`, { schema: schemas[action], config }, async (request) => {
        const { id, scope } = await find(request, request.params.id);
        const changed = await pauser[action](scope.tenant, id);
        if (!changed) throw noSuchSandbox(id);
        return view(request, changed);
      });
    }

    app.put('/v1/sandboxes/:id/timeout', { schema: schemas.timeout, config }, async (request) => {
      const { id, scope } = await find(request, request.params.id);
      const changed = await sandboxes.update(scope.tenant, id, livingFor(request.body.timeout_seconds, Date.now()));
      if (!changed) throw noSuchSandbox(id);
      return view(request, changed);
    });
  };
}

const STATUSES = ['any', 'running', 'paused'] as const;

const config = { scope: 'sandboxes' } as const;
const tags = ['sandboxes'];
const one = { tags, params: wire.sandboxParams };
const found = { ...wire.controlErrors, ...wire.noSandbox };
const sandboxReply = { 200: wire.sandboxSchema, ...found };

const schemas = {
  create: {
    summary: 'Create a sandbox',
    tags,
    body: wire.createBody,
    response: {
      201: wire.createReply,
      ...wire.controlErrors,
      404: wire.controlErrorSchema.describe('No such template'),
      429: wire.controlErrorSchema.describe('The tenant has as many sandboxes as it may, or the server can have no more'),
    },
  },
  list: { summary: "The tenant's sandboxes", tags, querystring: wire.sandboxListQuery, response: { 200: wire.sandboxListReply, ...wire.controlErrors } },
  get: { summary: 'One sandbox', ...one, response: sandboxReply },
  remove: {
    summary: 'Delete a sandbox, with its processes, files and records',
    ...one,
    response: { 200: wire.deleteReply, ...wire.controlErrors, 404: wire.noSandbox[404] },
  },
  refresh: { summary: 'A new token for a sandbox; earlier ones go on working', ...one, response: { 200: wire.tokenReply, ...found } },
  pause: {
    summary: 'Pause a sandbox',
    description: 'Its containers are frozen, what is submitted to it waits, and neither its own time nor the time-outs of its processes run.',
    ...one,
    response: sandboxReply,
  },
  resume: { summary: 'Let a paused sandbox go on', ...one, response: sandboxReply },
  timeout: { summary: 'How long a sandbox lives from now on', ...one, body: wire.timeoutBody, response: sandboxReply },
};
