import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { errorSchema } from '../../src/http/schemas/common.ts';
import { controlErrorSchema } from '../../src/http/schemas/sandboxes.ts';
import type { OpenApiDocument, Operation } from './document.ts';
import type { FuzzRequest } from './requests.ts';

export interface FuzzAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

export type Judge = (request: FuzzRequest, answer: FuzzAnswer) => string | undefined;

/** Refusals that any call can get, whatever it is. */
const GENERAL = new Set([400, 401, 403, 404, 410, 413, 414, 415, 429, 431]);
/** Random letters may spell anything. */
const IDS = /\b[a-z]{3,5}_[\w-]{22}/g;
/** Words of what is inside. */
export const LEAKS = /node_modules|\bat .*\.ts:\d|SQLITE|sqlite|ENOENT|ECONN|EACCES|\/src\/|TypeError|RangeError|Cannot read|is not a function|undefined \(/;

/** Says what is wrong with an answer: only what the document promises, or an error of the contract, is right. */
export function createJudge(document: OpenApiDocument): Judge {
  const ajv = new Ajv2020({ strict: false, validateFormats: false });
  ajv.addSchema({ $id: 'document', ...document });
  const validators = new Map<string, ValidateFunction | undefined>();

  function validatorOf({ method, path }: Operation, status: number): ValidateFunction | undefined {
    const pointer = ['paths', path, method.toLowerCase(), 'responses', status, 'content', 'application/json', 'schema']
      .map((part) => encodeURIComponent(String(part).replaceAll('~', '~0').replaceAll('/', '~1')))
      .join('/');
    if (!validators.has(pointer)) validators.set(pointer, ajv.compile({ $ref: `document#/${pointer}` }));
    return validators.get(pointer);
  }

  return (request, answer) => {
    if (answer.status >= 500) return `answered ${answer.status}`;
    const isBodiless = request.method === 'HEAD' || request.method === 'OPTIONS';
    if (answer.status >= 400) return isBodiless ? undefined : wrongError(request, answer);
    return request.method === request.operation.method ? wrongSuccess(request.operation, answer, validatorOf) : undefined;
  };
}

function wrongError({ operation, method, path }: FuzzRequest, { status, headers, body }: FuzzAnswer): string | undefined {
  if (method === operation.method && !operation.answers.has(status) && !GENERAL.has(status)) return `answered ${status}, which the document does not know`;
  return wrongErrorShape(path, { status, headers, body });
}

/** Holds every refusal against the contract's error, whatever it is that was refused. */
export function wrongErrorShape(path: string, { status, headers, body }: FuzzAnswer): string | undefined {
  if (LEAKS.test(body.replaceAll(IDS, ''))) return 'tells of what is inside';
  // What is refused before its path is read has the shape of all the others.
  const schema = path.startsWith('/v1/') && status !== 431 ? controlErrorSchema : errorSchema;
  const parsed = schema.safeParse(parse(body));
  if (!parsed.success) return `has an error of another shape: ${parsed.error.message.slice(0, 200)}`;
  if (headers['x-request-id'] !== parsed.data.request_id) return 'has another request id in its header than in its body';
  if (status === 429 && headers['retry-after'] === undefined) return 'has no Retry-After';
  return undefined;
}

function wrongSuccess(
  operation: Operation,
  { status, headers, body }: FuzzAnswer,
  validatorOf: (operation: Operation, status: number) => ValidateFunction | undefined,
) {
  if (!operation.answers.has(status)) return `answered ${status}, which the document does not know`;
  if (!headers['content-type']?.includes('application/json')) return undefined;
  if (!operation.answers.get(status)) return undefined;
  const validate = validatorOf(operation, status);
  return validate?.(parse(body)) ? undefined : `is not as the document says: ${JSON.stringify(validate?.errors?.slice(0, 2))}`;
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
