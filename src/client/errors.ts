/** What an answer says besides its words. */
export interface ApiErrorDetails {
  /** Stable, for programs: as the server's `code`. */
  readonly code: string;
  /** Of the HTTP answer. */
  readonly status: number;
  /** The server's log has more under it. */
  readonly requestId: string | undefined;
  readonly details: Readonly<Record<string, unknown>>;
  /** When the server says that another try makes sense. */
  readonly retryAfterSeconds: number | undefined;
}

/** The server refused a call, or failed in it; `message` says what to do. Its subclasses are by kind of status. */
export class ApiError extends Error implements ApiErrorDetails {
  readonly code: string;
  readonly status: number;
  readonly requestId: string | undefined;
  readonly details: Readonly<Record<string, unknown>>;
  readonly retryAfterSeconds: number | undefined;

  constructor(message: string, { code, status, requestId, details, retryAfterSeconds }: ApiErrorDetails) {
    super(message);
    this.name = new.target.name;
    this.code = code;
    this.status = status;
    this.requestId = requestId;
    this.details = details;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** 400, 413, 415, 422: the request has to be another. */
export class InvalidRequestError extends ApiError {}
/** 401: no token, a bad one, or one that has expired. */
export class AuthenticationError extends ApiError {}
/** 403: the token does not allow it. */
export class ForbiddenError extends ApiError {}
/** 404, 410: not there, or not any more. */
export class NotFoundError extends ApiError {}
/** 409: the state of things does not allow it. */
export class ConflictError extends ApiError {}
/** 429: too much at once; `retryAfterSeconds` says when to try again, where that is known. */
export class LimitError extends ApiError {}
/** 5xx: the server could not. */
export class ServerError extends ApiError {}

/** No whole answer came: the server is not there, or the connection broke. `cause` has the reason. */
export class ConnectionError extends Error {
  readonly code = 'CONNECTION_FAILED';

  constructor(message: string, cause: unknown) {
    super(message, { cause });
    this.name = 'ConnectionError';
  }
}

const BY_STATUS: Readonly<Record<number, typeof ApiError>> = {
  401: AuthenticationError,
  403: ForbiddenError,
  404: NotFoundError,
  409: ConflictError,
  410: NotFoundError,
  429: LimitError,
};

/** The error that an unsuccessful answer stands for, also one that is not of our server but of something in front of it. */
export async function errorOf(response: Response): Promise<ApiError> {
  const { status, headers } = response;
  const body = await response.json().catch(() => undefined);
  const { code, message, request_id, details } = (typeof body === 'object' && body !== null ? body : {}) as Record<string, unknown>;
  const Kind = BY_STATUS[status] ?? (status < 500 ? InvalidRequestError : ServerError);
  return new Kind(typeof message === 'string' ? message : `The server answered ${status} without saying why.`, {
    code: typeof code === 'string' ? code : 'UNKNOWN',
    status,
    requestId: typeof request_id === 'string' ? request_id : (headers.get('X-Request-ID') ?? undefined),
    details: typeof details === 'object' && details !== null ? (details as Record<string, unknown>) : {},
    retryAfterSeconds: secondsIn(headers.get('Retry-After')),
  });
}

function secondsIn(header: string | null): number | undefined {
  return header !== null && /^\d{1,9}$/.test(header) ? Number(header) : undefined;
}
