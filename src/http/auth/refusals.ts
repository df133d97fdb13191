import { HttpError } from '../errors.ts';

/** All that a token which proves nothing learns, whatever is wrong with it. */
export function invalidToken(): HttpError {
  return refusal('INVALID_TOKEN', 'The token cannot be used. Send one that this server trusts: signed, with exp, and for this issuer and audience.');
}

export function invalidClaims(problem: string): HttpError {
  return refusal('INVALID_TOKEN', problem);
}

export function missingToken(): HttpError {
  return refusal('AUTHENTICATION_REQUIRED', 'Send a token: "Authorization: Bearer <token>".');
}

export function expiredToken(): HttpError {
  return refusal('TOKEN_EXPIRED', 'The token has expired. Ask for a new one.');
}

export function keysUnavailable(): HttpError {
  return new HttpError({
    status: 503,
    code: 'SERVICE_UNAVAILABLE',
    error: 'Keys unavailable',
    message: 'The keys that tokens are checked with cannot be had from the identity provider. Try again later.',
    retryAfterSeconds: 5,
  });
}

export function missingScope(scope: string): HttpError {
  return new HttpError({
    status: 403,
    code: 'FORBIDDEN',
    error: 'Forbidden',
    message: `The token lacks the scope "${scope}". Use one that has it.`,
    details: { missing_scope: scope },
  });
}

function refusal(code: 'AUTHENTICATION_REQUIRED' | 'INVALID_TOKEN' | 'TOKEN_EXPIRED', message: string): HttpError {
  return new HttpError({ status: 401, code, error: 'Unauthorized', message });
}
