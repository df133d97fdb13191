import type { RouteOptions } from 'fastify';
import type { TokenScope } from '../../tenancy/caller.ts';
import { authErrors } from '../schemas/common.ts';

/** What a route wants of a token: one scope, or any token at all. */
export type RouteScope = TokenScope | 'any';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Of every route that wants a token; a server with a route that forgot it does not start. */
    scope?: RouteScope;
  }
}

/** Holds each route to saying its scope, and has the OpenAPI document say it too. */
export function routeSecurity(route: RouteOptions): void {
  const scope = route.config?.scope;
  if (scope === undefined) throw new Error(`The route ${String(route.method)} ${route.url} does not say which scope it wants. Set config.scope.`);
  const names = scope === 'any' ? [] : [scope];
  const { schema = {} } = route;
  route.schema = {
    ...schema,
    security: [{ token: names }, { apiKey: names }],
    response: { ...authErrors, ...(schema.response as object) },
  };
}
