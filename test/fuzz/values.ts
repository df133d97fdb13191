import type { Random } from '../support/random.ts';
import { type OpenApiDocument, resolved, type Schema } from './document.ts';

/** What no program expects, for every place where some value is. */
export const ODD_VALUES: readonly [unknown, ...unknown[]] = [
  '',
  ' ',
  '\0',
  '\u202e\u2066',
  '\ud800',
  '€'.repeat(5_000),
  'x'.repeat(100_000),
  '__proto__',
  'constructor',
  '../../etc/passwd',
  '/proc/self/fd/7',
  ';$(id)',
  '%s%n%00',
  "' OR 1=1 --",
  '<script>alert(1)</script>',
  'a\r\nX-Injected: 1',
  '*',
  'proc_',
  null,
  true,
  false,
  0,
  -0,
  -1,
  1.5,
  1e21,
  -1e308,
  Number.MAX_SAFE_INTEGER + 1,
  2 ** 31,
  [],
  [[[[[[]]]]]],
  {},
  { __proto__: 1, constructor: { prototype: 1 } },
  JSON.parse('{"__proto__": {"polluted": true}}'),
  { length: 1e9 },
  { toString: 'x', toJSON: 'y' },
];

/** What may well be right, by the name of its field, so that much of what is sent gets far. */
const LIKELY: Readonly<Record<string, readonly [unknown, ...unknown[]]>> = {
  code: ['true', 'echo hi', 'exit 3', '€', 'a\nb'],
  language: ['bash', 'sh', 'BASH', 'cobol', 'python'],
  command: ['true', 'ls -la', 'echo'],
  timeout: [1, 5, 300, 86_400],
  timeout_seconds: [1, 60, 3_600],
  working_dir: ['/workspace', '/tmp/a', '/'],
  workdir: ['/workspace'],
  callback_url: ['https://example.com/hook', 'http://127.0.0.1:1/', 'ftp://example.com'],
  template_name: ['base', 'code-interpreter', 'unknown'],
  offset: [0, 1, -5],
  limit: [1, 10, 100],
  cursor: ['1', '99999', '0', '1.sbx_aaaaaaaaaaaaaaaaaaaaaa'],
  range: ['bytes=0-5', 'bytes=-3', 'bytes=9-1', 'chunks=1-2'],
  status: ['queued', 'running', 'completed', 'running,failed', 'paused'],
  stdin: ['', 'text'],
};

export interface ValueSource {
  readonly document: OpenApiDocument;
  readonly random: Random;
  /** Of what earlier answers named. */
  readonly ids: readonly [string, ...string[]];
}

const MOST_NESTED = 6;

/** A value for a schema: mostly one that it allows, and one time in so many something odd. */
export function valueFor(source: ValueSource, schema: Schema, { name = '', depth = 0 } = {}): unknown {
  const { random, ids } = source;
  if (random.integer(1, 12) === 1 || depth > MOST_NESTED) return random.pick(ODD_VALUES);
  if (name.endsWith('_id') || name === 'id') return random.pick(ids);
  const likely = LIKELY[name];
  if (likely && random.integer(1, 4) > 1) return random.pick(likely);
  return ofSchema(source, resolved(source.document, schema), { name, depth });
}

function ofSchema(source: ValueSource, schema: Schema, { name, depth }: { name: string; depth: number }): unknown {
  const { random } = source;
  if (schema.const !== undefined) return schema.const;
  const choices = schema.anyOf ?? schema.oneOf ?? schema.allOf;
  if (choices?.[0]) return valueFor(source, random.pick([choices[0], ...choices]), { name, depth: depth + 1 });
  if (schema.enum?.[0] !== undefined) return random.pick([schema.enum[0], ...schema.enum]);
  return ofType(source, schema, depth);
}

function ofType(source: ValueSource, schema: Schema, depth: number): unknown {
  const { random } = source;
  switch (Array.isArray(schema.type) ? schema.type[0] : schema.type) {
    case 'object':
      return anObject(source, schema, depth);
    case 'array':
      return Array.from({ length: random.integer(0, 3) }, () => valueFor(source, schema.items ?? {}, { depth: depth + 1 }));
    case 'integer':
    case 'number':
      return random.pick([schema.minimum ?? 1, schema.maximum ?? 10, (schema.minimum ?? 1) - 1, random.integer(0, 1_000)]);
    case 'boolean':
      return random.pick([true, false]);
    case 'null':
      return null;
    default:
      return random.pick(['a', 'name', 'KEY', random.bytes(6).toString('base64url')]);
  }
}

function anObject(source: ValueSource, { properties = {}, required = [], additionalProperties }: Schema, depth: number): unknown {
  const { random } = source;
  const chosen = Object.entries(properties).filter(([name]) => (required.includes(name) ? random.integer(1, 20) > 1 : random.integer(1, 3) === 1));
  const members = chosen.map(([name, schema]): [string, unknown] => [name, valueFor(source, schema, { name, depth: depth + 1 })]);
  if (typeof additionalProperties === 'object') members.push(['KEY', valueFor(source, additionalProperties, { depth: depth + 1 })]);
  if (random.integer(1, 10) === 1) members.push([random.pick(['image', 'HostConfig', 'privileged', 'x']), random.pick(ODD_VALUES)]);
  return Object.fromEntries(members);
}
