import type { Random } from '../support/random.ts';
import type { OpenApiDocument, Operation, Parameter } from './document.ts';
import { nextForm } from './forms.ts';
import { ODD_VALUES, type ValueSource, valueFor } from './values.ts';

export interface FuzzRequest {
  readonly operation: Operation;
  readonly method: string;
  /** As it is sent, query included. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer | undefined;
}

export interface RequestSource {
  readonly document: OpenApiDocument;
  readonly operations: readonly Operation[];
  readonly tokens: readonly [string, ...string[]];
  readonly badTokens: readonly [string, ...string[]];
}

/** A request that follows from its source, the random numbers and the ids alone. */
export function nextRequest(source: RequestSource, random: Random, ids: readonly string[]): FuzzRequest {
  const [first] = source.operations;
  if (!first) throw new Error('The document has no operations.');
  const operation = random.pick([first, ...source.operations]);
  const values: ValueSource = { document: source.document, random, ids: ['proc_AAAAAAAAAAAAAAAAAAAAAA', 'sbx_AAAAAAAAAAAAAAAAAAAAAA', ...ids] };
  const form = operation.takesForm && random.integer(1, 8) > 1 ? nextForm(values) : undefined;
  const body = form?.body ?? bodyOf(values, operation);
  const type = form ? { 'Content-Type': form.type } : bodyHeaders(random, body);
  const headers = { ...authorization(source, random), ...parameterHeaders(values, operation), ...type };
  return { operation, method: methodOf(random, operation), path: pathOf(values, operation), headers, body };
}

function methodOf(random: Random, { method }: Operation): string {
  return random.integer(1, 30) === 1 ? random.pick(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'PROPFIND']) : method;
}

function authorization({ tokens, badTokens }: RequestSource, random: Random): Record<string, string> {
  const token = random.integer(1, 15) === 1 ? random.pick(badTokens) : random.pick(tokens);
  if (random.integer(1, 30) === 1) return {};
  return random.integer(1, 10) === 1 ? { 'X-API-Key': token } : { Authorization: `Bearer ${token}` };
}

function pathOf(values: ValueSource, { path, parameters }: Operation): string {
  const { random } = values;
  const filled = path.replaceAll(/\{(\w+)\}/g, (_match, name) => encoded(random, valueFor(values, { type: 'string' }, { name })));
  const query = parameters.filter((parameter) => parameter.in === 'query' && random.integer(1, 2) === 1).map((parameter) => queryOf(values, parameter));
  if (random.integer(1, 20) === 1) query.push(random.pick(['=', '&&', 'a[b]=1', '__proto__=1', '%', '%ff=1', 'process_id=a&process_id=b']));
  return query.length === 0 ? filled : `${filled}?${query.join('&')}`;
}

function queryOf(values: ValueSource, { name, schema = {} }: Parameter): string {
  return `${name}=${encoded(values.random, valueFor(values, schema, { name }))}`;
}

/** Mostly as it should be, sometimes with a percent sign that begins nothing. What is in a URL is no longer than Node takes. */
function encoded(random: Random, value: unknown): string {
  const safe = encodeURIComponent(textOf(value).slice(0, 3_000).toWellFormed());
  return random.integer(1, 40) === 1 ? `${safe}%` : safe;
}

function parameterHeaders(values: ValueSource, { parameters }: Operation): Record<string, string> {
  const chosen = parameters.filter((parameter) => parameter.in === 'header' && values.random.integer(1, 2) === 1);
  return Object.fromEntries(chosen.map(({ name, schema = {} }) => [name, headerText(valueFor(values, schema, { name }))]));
}

function textOf(value: unknown): string {
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** Node's client sends nothing else; what is no HTTP has its own tests. */
function headerText(value: unknown): string {
  return textOf(value)
    .replaceAll(/[^\x20-\x7e]/g, '?')
    .slice(0, 4_000);
}

function bodyOf(values: ValueSource, { body }: Operation): Buffer | undefined {
  const { random } = values;
  if (!body) return random.integer(1, 10) === 1 ? Buffer.from(random.pick(['', '{}', 'null', '{"a"'])) : undefined;
  const json = JSON.stringify(random.integer(1, 25) === 1 ? random.pick(ODD_VALUES) : valueFor(values, body)) ?? '';
  return spoilt(random, Buffer.from(json));
}

/** One in ten is no longer JSON, or other JSON than it was. */
function spoilt(random: Random, json: Buffer): Buffer | undefined {
  switch (random.integer(1, 70)) {
    case 1:
      return undefined;
    case 2:
      return json.subarray(0, random.integer(0, json.length));
    case 3:
      return Buffer.concat([json.subarray(0, json.length >> 1), random.bytes(3), json.subarray(json.length >> 1)]);
    case 4:
      return Buffer.from('['.repeat(random.integer(1, 50_000)));
    case 5:
      return Buffer.from(json.toString().replaceAll(/\d+/g, '1e400'));
    case 6:
      return Buffer.from(json.toString().replace('{', '{"code":1,"code":"true",'));
    case 7:
      return Buffer.concat([Buffer.from('\ufeff'), json]);
    default:
      return json;
  }
}

function bodyHeaders(random: Random, body: Buffer | undefined): Record<string, string> {
  if (!body) return random.integer(1, 5) === 1 ? { 'Content-Type': 'application/json' } : {};
  const types = [
    'application/json; charset=utf-8',
    'text/plain',
    'multipart/form-data',
    'application/x-www-form-urlencoded',
    'a',
    'application/json/',
  ] as const;
  const type = random.integer(1, 20) === 1 ? random.pick(types) : 'application/json';
  return { 'Content-Type': type, ...(random.integer(1, 60) === 1 ? { 'Content-Encoding': 'gzip' } : {}) };
}
