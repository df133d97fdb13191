import type { FastifyInstance, FastifyRequest } from 'fastify';

/** Who did what, when, from where, and what came of it. Never code, environment, output or a token. */
export interface AuditEntry {
  readonly time: string;
  /** As in the header X-Request-ID, and in the record of the process that the call had started. */
  readonly request_id: string;
  /** null when the call did not say who it is, or could not prove it. */
  readonly tenant: string | null;
  readonly sandbox: string | null;
  readonly subject: string | null;
  /** `operator` is who may write the data folder: his subject is the system's name of him. */
  readonly credential: 'token' | 'api_key' | 'operator' | null;
  /** The method and the route, as in the OpenAPI document; or the command. */
  readonly action: string;
  /** The process, sandbox or variable that the path or the body names. */
  readonly target: string | null;
  readonly address: string;
  readonly status: number;
  /** Of the error. */
  readonly code: string | null;
}

/** Has an entry kept. Never throws: what cannot be kept is told elsewhere. */
export type Audit = (entry: AuditEntry) => void;

declare module 'fastify' {
  interface FastifyRequest {
    /** The code of the error that answers it. */
    refusal: string | null;
  }
}

const CHANGES_NOTHING = new Set(['GET', 'HEAD', 'OPTIONS']);
const REFUSALS = new Set([401, 403]);
const SWITCHING_PROTOCOLS = 101;
const MAX_TARGET = 256;

/** Keeps every call that changes something, whatever came of it, every WebSocket that is opened, and every refusal of a token. Register it before the tokens. */
export function installAudit(app: FastifyInstance, audit: Audit): void {
  app.addHook('onResponse', async (request, reply) => {
    if (!CHANGES_NOTHING.has(request.method) || REFUSALS.has(reply.statusCode)) audit(entryOf(request, reply.statusCode));
  });
  // A connection that becomes a WebSocket has no answer any more; here it has been let in.
  app.addHook('preHandler', async (request) => {
    if (request.routeOptions.config.isSocket) audit(entryOf(request, SWITCHING_PROTOCOLS));
  });
}

function entryOf(request: FastifyRequest, status: number): AuditEntry {
  const { caller } = request;
  return {
    time: new Date().toISOString(),
    request_id: request.id,
    tenant: caller?.tenant ?? null,
    sandbox: caller?.sandbox ?? null,
    subject: caller?.subject ?? null,
    credential: caller?.credential ?? null,
    action: `${request.method} ${request.routeOptions.url ?? ''}`,
    target: targetOf(request),
    address: request.ip,
    status,
    code: request.refusal,
  };
}

/** Only what names something: of the path everything, of query and body the id alone. */
function targetOf({ params, query, body }: FastifyRequest): string | null {
  const [inPath] = Object.values((params ?? {}) as Record<string, unknown>);
  const named = inPath ?? idIn(body) ?? idIn(query);
  return typeof named === 'string' ? named.slice(0, MAX_TARGET) : null;
}

function idIn(part: unknown): unknown {
  return (part as { process_id?: unknown } | null | undefined)?.process_id;
}
