import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod';
import { CoracleError, type ErrorCode } from '../errors.ts';
import type { Sandbox } from '../sandbox/sandbox.ts';
import { WorkspaceError } from '../workspace/workspace-error.ts';

/** An answer of the contract's error shape. */
export interface WireError {
  readonly status: number;
  readonly code: string;
  /** A few words. */
  readonly error: string;
  /** A sentence that says what to do. The JS SDK shows only this, and takes any 404 whose message has "not found" for a missing file. */
  readonly message: string;
  readonly details?: Readonly<Record<string, unknown>>;
  readonly retryAfterSeconds?: number;
  /** Sent beside the others, where a client reads them there. */
  readonly extra?: Readonly<Record<string, unknown>>;
}

/** Thrown by handlers and hooks whose answer is an error of the protocol itself. */
export class HttpError extends Error {
  readonly wire: WireError;

  constructor(wire: WireError) {
    super(wire.message);
    this.name = 'HttpError';
    this.wire = wire;
  }
}

export function noSuchProcess(id: string): HttpError {
  return new HttpError({ status: 404, code: 'RESOURCE_NOT_FOUND', error: 'Process not found', message: `No such process: ${id.slice(0, 128)}` });
}

/** The words are HopX's: the JS SDK tells by them that the sandbox is gone. */
export function noSuchSandbox(id: string): HttpError {
  return new HttpError({ status: 404, code: 'SANDBOX_NOT_FOUND', error: 'Sandbox not found', message: `Sandbox not found: ${id.slice(0, 128)}` });
}

/** Its life is over, or it was deleted: what is still known of it is said where the SDKs read it. */
export function sandboxGone(id: string, sandbox?: Sandbox): HttpError {
  const times = sandbox && { created_at: isoTime(sandbox.createdAt), expires_at: isoTime(sandbox.expiresAt) };
  return new HttpError({
    status: 410,
    code: 'SANDBOX_EXPIRED',
    error: 'Sandbox gone',
    message: `The sandbox ${id.slice(0, 128)} has ended or was deleted. Create a new one.`,
    extra: { sandbox_id: id.slice(0, 128), status: 'expired', ...times },
  });
}

export function noSuchTemplate(name: string, known: readonly { readonly name: string }[]): HttpError {
  const names = known.map((template) => template.name);
  return new HttpError({
    status: 404,
    code: 'RESOURCE_NOT_FOUND',
    error: 'Template not found',
    message: `No such template: ${name.slice(0, 128)}. Use one of: ${names.join(', ')}.`,
    details: { templates: names },
  });
}

function isoTime(time: number | null): string | null {
  return time === null ? null : new Date(time).toISOString();
}

export function installErrorHandlers(app: FastifyInstance): void {
  app.decorateRequest('refusal', null);
  app.setErrorHandler((error: FastifyError, request, reply) => {
    const wire = toWire(error);
    request.refusal = wire.code;
    if (wire.status >= 500) request.log.error({ err: error }, 'a request failed');
    return sendError(request, reply, wire);
  });
  app.setNotFoundHandler((request, reply) =>
    sendError(request, reply, {
      status: 404,
      code: 'RESOURCE_NOT_FOUND',
      error: 'Unknown path',
      message: `There is no ${request.method} ${pathOf(request)}. See /docs for what there is.`,
    }),
  );
}

function pathOf(request: FastifyRequest): string {
  return (request.url.split('?', 1)[0] ?? '').slice(0, 256);
}

function sendError(request: FastifyRequest, reply: FastifyReply, wire: WireError): FastifyReply {
  if (wire.retryAfterSeconds !== undefined) reply.header('Retry-After', wire.retryAfterSeconds);
  const { extra, ...shown } = wire;
  const body = isControlPlane(request) ? controlPlaneErrorBody(shown, request.id) : errorBody(shown, request.id);
  return reply
    .code(wire.status)
    .header('X-Request-ID', request.id)
    .send({ ...extra, ...body });
}

/** The shape of every error but those of the control plane. */
export function errorBody({ error, code, message, details = {}, retryAfterSeconds }: WireError, requestId: string): object {
  return { error, code, message, details, ...retryAfter(retryAfterSeconds), request_id: requestId, timestamp: new Date().toISOString() };
}

/** The control plane has a shape of its own: its clients read `error.message`, or `message` beside it. */
function controlPlaneErrorBody({ code, message, details = {}, retryAfterSeconds }: WireError, requestId: string): object {
  const told = { code, message, request_id: requestId };
  return { error: { ...told, details }, ...told, ...retryAfter(retryAfterSeconds) };
}

const isControlPlane = (request: FastifyRequest) => pathOf(request).startsWith('/v1/');
const retryAfter = (seconds: number | undefined) => (seconds === undefined ? {} : { retry_after: seconds });

/** For what is refused before there is a route: a path that cannot be read. */
export function answerFrameworkError(error: FastifyError, request: FastifyRequest, reply: FastifyReply): void {
  sendError(request, reply, toWire(error));
}

const INTERNAL: WireError = {
  status: 500,
  code: 'INTERNAL_ERROR',
  error: 'Internal error',
  message: 'The server failed to handle this request. Its log has the details under the request id.',
};

const OF_CORACLE: Readonly<Record<ErrorCode, Omit<WireError, 'message'>>> = {
  INVALID_REQUEST: { status: 400, code: 'INVALID_REQUEST', error: 'Invalid request' },
  CONFLICT: { status: 409, code: 'CONFLICT', error: 'Conflict' },
  FILE_NOT_FOUND: { status: 404, code: 'FILE_NOT_FOUND', error: 'File not found' },
  FILE_ALREADY_EXISTS: { status: 409, code: 'FILE_ALREADY_EXISTS', error: 'File already exists' },
  FILE_TOO_LARGE: { status: 413, code: 'FILE_TOO_LARGE', error: 'File too large' },
  // Not 5xx, which the SDKs would answer with another two tries.
  FILE_OPERATION_FAILED: { status: 422, code: 'FILE_OPERATION_FAILED', error: 'File operation failed' },
  PATH_NOT_ALLOWED: { status: 403, code: 'PATH_NOT_ALLOWED', error: 'Path not allowed' },
  INVALID_PATH: { status: 400, code: 'INVALID_PATH', error: 'Invalid path' },
  PERMISSION_DENIED: { status: 403, code: 'PERMISSION_DENIED', error: 'Permission denied' },
  NOT_FOUND: { status: 404, code: 'RESOURCE_NOT_FOUND', error: 'Not found' },
  INPUT_FULL: { status: 429, code: 'RESOURCE_LIMIT_ERROR', error: 'Input not read', retryAfterSeconds: 1 },
  QUEUE_FULL: { status: 429, code: 'RESOURCE_LIMIT_ERROR', error: 'Queue full', retryAfterSeconds: 5 },
  TENANT_LIMIT: { status: 429, code: 'RESOURCE_LIMIT_ERROR', error: 'Tenant limit reached', retryAfterSeconds: 5 },
  SERVICE_UNAVAILABLE: { status: 503, code: 'SERVICE_UNAVAILABLE', error: 'Service unavailable', retryAfterSeconds: 5 },
  SANDBOXES_EXHAUSTED: { status: 429, code: 'RESOURCE_LIMIT_ERROR', error: 'No sandbox left' },
  SANDBOX_GONE: { status: 410, code: 'SANDBOX_EXPIRED', error: 'Sandbox gone' },
  ENGINE_UNAVAILABLE: { status: 503, code: 'SERVICE_UNAVAILABLE', error: 'Container engine unavailable', retryAfterSeconds: 5 },
  ENGINE_REFUSED: { status: 500, code: 'INTERNAL_ERROR', error: 'Container engine refused' },
  IMAGE_MISSING: { status: 500, code: 'INTERNAL_ERROR', error: 'Image missing' },
  CONFIG_INVALID: { status: 500, code: 'INTERNAL_ERROR', error: 'Server misconfigured' },
};

/** Fastify's own refusals of a request, before a handler sees it. */
const OF_FASTIFY: Readonly<Record<string, WireError>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: {
    status: 413,
    code: 'INVALID_REQUEST',
    error: 'Body too large',
    message: 'The request body is larger than 8 MiB. Send less code.',
  },
  FST_ERR_CTP_INVALID_MEDIA_TYPE: { status: 415, code: 'INVALID_REQUEST', error: 'Unsupported content type', message: 'Send the body as application/json.' },
  FST_ERR_BAD_URL: { status: 400, code: 'INVALID_REQUEST', error: 'Invalid path', message: 'The path has a "%" that begins no character. Encode it.' },
  FST_ERR_MAX_PARAM_LENGTH: { status: 414, code: 'INVALID_REQUEST', error: 'Path too long', message: 'A part of the path is too long. No id is.' },
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: {
    status: 400,
    code: 'INVALID_REQUEST',
    error: 'Invalid request',
    message: 'The body does not have the length that Content-Length says.',
  },
};

/** For what cannot answer by a status. */
export function presentError(error: unknown): WireError {
  return toWire(error as FastifyError);
}

function toWire(error: FastifyError): WireError {
  if (error instanceof HttpError) return error.wire;
  if (error instanceof WorkspaceError) return { ...OF_CORACLE[error.code], message: error.message, extra: { path: error.path } };
  if (error instanceof CoracleError) return { ...OF_CORACLE[error.code], message: error.message };
  if (hasZodFastifySchemaValidationErrors(error)) return invalid(error);
  const known = OF_FASTIFY[error.code];
  if (known) return known;
  const status = error.statusCode ?? 500;
  return status >= 400 && status < 500 ? { status, code: 'INVALID_REQUEST', error: 'Invalid request', message: error.message } : INTERNAL;
}

type ValidationError = FastifyError & { validation: { instancePath: string; message?: string; params?: Record<string, unknown> }[] };

/** Every problem at once, each with its field; a required field that is absent has a code of its own. */
function invalid(error: FastifyError): WireError {
  const problems = (error as ValidationError).validation.map(({ instancePath, message }) => ({
    field: instancePath.replace(/^\//, '').replaceAll('/', '.'),
    problem: message ?? 'is not valid',
  }));
  const message = problems.map(({ field, problem }) => (field ? `${field}: ${problem}` : problem)).join('; ');
  const isMissing = problems.some(({ problem }) => problem.includes('received undefined'));
  return {
    status: 400,
    code: isMissing ? 'MISSING_PARAMETER' : 'INVALID_REQUEST',
    error: 'Invalid request',
    message: `${message}. See /docs for what this call takes.`,
    details: { problems: problems.slice(0, 20) },
  };
}
