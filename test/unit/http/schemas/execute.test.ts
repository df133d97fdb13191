import { describe, expect, it } from 'vitest';
import { backgroundBody, MAX_CODE_BYTES } from '../../../../src/http/schemas/execute.ts';

/** Parses a body as the server does: from JSON text, where `__proto__` and 1e400 can be said. */
const parse = (json: string) => backgroundBody.safeParse(JSON.parse(json));
const parseWith = (fields: Record<string, unknown>) => parse(JSON.stringify({ code: 'x', ...fields }));

function problemsOf({ error }: ReturnType<typeof parse>): string[] {
  return error?.issues.map(({ path }) => String(path[0])) ?? [];
}

const many = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, index) => [`N${index}`, '']));

describe('a request to execute', () => {
  it('needs code and nothing else', () => {
    expect(parse('{"code":"x"}').data).toEqual({
      code: 'x',
      language: 'python',
      timeout: 300,
      working_dir: null,
      workdir: null,
      env: null,
      name: null,
      args: null,
      files: null,
      stdin: null,
      artifacts: null,
      limits: null,
      output_limit: null,
      runtime: null,
    });
  });

  it('takes null for what is optional as not said', () => {
    const nulls = {
      language: null,
      timeout: null,
      working_dir: null,
      workdir: null,
      env: null,
      name: null,
      args: null,
      files: null,
      stdin: null,
      artifacts: null,
      limits: null,
      output_limit: null,
    };
    expect(parseWith(nulls).data).toEqual(parse('{"code":"x"}').data);
  });

  it('takes everything that is in order', () => {
    const body = {
      code: 'x',
      language: 'go',
      timeout: 86_400,
      working_dir: '/tmp/a b',
      workdir: '/workspace',
      env: { A: '1', 'odd name': '' },
      name: 'näme 👋',
      args: ['-v'],
      artifacts: ['**/*.png'],
      files: { a: { data: '', encoding: 'base64' } },
      stdin: { data: 'x', encoding: 'utf8', close: false },
      limits: { memory_mb: 64, cpus: 0.5, pids: 16, disk_mb: 8, output_bytes: 4_096 },
      output_limit: 'kill',
      runtime: 'runsc',
    };
    expect(parseWith(body).data).toEqual(body);
  });

  it('leaves out what only an operator may say', () => {
    const parsed = parseWith({ image: 'evil', HostConfig: { Privileged: true }, privileged: true, user: 'root' });
    expect(Object.keys(parsed.data ?? {}).toSorted()).toEqual([
      'args',
      'artifacts',
      'code',
      'env',
      'files',
      'language',
      'limits',
      'name',
      'output_limit',
      'runtime',
      'stdin',
      'timeout',
      'workdir',
      'working_dir',
    ]);
  });

  it.each(['null', '[]', '"x"', '7', '{}', '{"code":null}', '{"code":7}', '{"code":["x"]}', '{"__proto__":{"code":"x"}}'])('refuses the body %s', (json) => {
    expect(parse(json).success).toBe(false);
  });

  it('names every field that is wrong, at once', () => {
    const wrong = { code: '', timeout: 0, working_dir: 'x', env: { '': '' }, name: '\n', language: 7 };
    expect(problemsOf(parseWith(wrong)).toSorted()).toEqual(Object.keys(wrong).toSorted());
  });
});

describe('code', () => {
  const EUROS = Math.floor(MAX_CODE_BYTES / 3);

  it.each([
    ['1 MiB', 'x'.repeat(MAX_CODE_BYTES)],
    ['1 MiB of wide characters', `${'€'.repeat(EUROS)}${'x'.repeat(MAX_CODE_BYTES - 3 * EUROS)}`],
    ['one byte', 'x'],
    ['control characters and a byte order mark', '\uFEFF\t\u001b\r\n'],
    ['a surrogate pair', '𝄞'],
  ])('may be %s', (_what, code) => {
    expect(parseWith({ code }).data?.code).toBe(code);
  });

  it.each([
    ['is empty', '""'],
    ['has a byte more than 1 MiB', JSON.stringify('x'.repeat(MAX_CODE_BYTES + 1))],
    ['has fewer characters than 1 MiB but more bytes', JSON.stringify('€'.repeat(EUROS + 1))],
    ['has a NUL', String.raw`"a\u0000b"`],
    ['has the first half of a surrogate pair', String.raw`"a\ud834"`],
    ['has the second half of a surrogate pair', String.raw`"\udd1eb"`],
  ])('is refused when it %s', (_what, code) => {
    expect(problemsOf(parse(`{"code":${code}}`))).toContain('code');
  });
});

describe('a time-out', () => {
  it.each([1, 300, 86_400])('may be %d s', (timeout) => {
    expect(parseWith({ timeout }).data?.timeout).toBe(timeout);
  });

  it.each(['1e400', '-1e400', '-1', '0', '-0', '1.5', '0.999', '86401', '1e18', '"5"', 'true', 'false', '[5]', '{}', '""'])('is refused as %s', (timeout) => {
    expect(problemsOf(parse(`{"code":"x","timeout":${timeout}}`))).toContain('timeout');
  });
});

describe('a working directory', () => {
  it.each(['/', '/workspace', '/tmp/..a/b..', '/a//b/./c', '/proc/self/fd/7', '/$(id);`id`', '/Ünï €'])('may be %s', (path) => {
    expect(parseWith({ working_dir: path, workdir: path }).data).toMatchObject({ working_dir: path, workdir: path });
  });

  it('may be as long as the kernel takes, in bytes', () => {
    for (const [letter, most] of [
      ['a', 4_094],
      ['é', 2_047],
    ] as const) {
      expect(parseWith({ working_dir: `/${letter.repeat(most)}` }).success).toBe(true);
      expect(parseWith({ working_dir: `/${letter.repeat(most + 1)}` }).success).toBe(false);
    }
  });

  it.each(['', 'relative', './a', '../etc', '/..', '/a/../b', '/a/..', '~', ';$(id)', ' /a', '/a\n', '/a\0', '/\u001b[m', '/\u007f', '/\ud834'])(
    'is refused as %j',
    (path) => {
      expect(problemsOf(parseWith({ working_dir: path }))).toContain('working_dir');
      expect(problemsOf(parseWith({ workdir: path }))).toContain('workdir');
    },
  );
});

describe('the environment', () => {
  it.each([
    ['nothing', {}],
    ['256 variables', many(256)],
    ['128 KiB, names, values and their ends together', { A: 'x'.repeat(128 * 1024 - 3) }],
    ['names that no shell takes', { 'a b': '', 'Ä.-': '', '1': '', constructor: 'x', toString: '', 'new\nline': '' }],
    ['values of several lines', { A: 'one\ntwo\t\u001b', B: 'a=b=c' }],
  ])('may have %s', (_what, env) => {
    expect(parseWith({ env }).data?.env).toEqual(env);
  });

  it.each([
    ['257 variables', JSON.stringify(many(257))],
    ['a byte more than 128 KiB', JSON.stringify({ A: 'x'.repeat(128 * 1024 - 2) })],
    ['fewer characters than 128 KiB but more bytes', JSON.stringify({ A: '€'.repeat(50_000) })],
    ['an empty name', '{"":"x"}'],
    ['a name with =', '{"A=B":"x"}'],
    ['a name with NUL', String.raw`{"A\u0000B":"x"}`],
    ['a name with half of a surrogate pair', String.raw`{"A\ud834":"x"}`],
    ['the name __proto__', '{"__proto__":"x"}'],
    ['the name __proto__ with an object', '{"__proto__":{"A":"x"}}'],
    ['a value with NUL', String.raw`{"A":"x\u0000"}`],
    ['a value with half of a surrogate pair', String.raw`{"A":"\udd1e"}`],
    ['a number as a value', '{"A":1}'],
    ['null as a value', '{"A":null}'],
    ['a list', '["A=1"]'],
    ['text', '"A=1"'],
  ])('is refused with %s', (_what, env) => {
    expect(problemsOf(parse(`{"code":"x","env":${env}}`))).toEqual(expect.arrayContaining(['env']));
  });

  it('of a hundred thousand variables is refused as one problem, without a look at any of them', () => {
    let looks = 0;
    const get = (target: object, key: PropertyKey) => {
      if (Object.hasOwn(target, key)) looks += 1;
      return Reflect.get(target, key);
    };
    const env = new Proxy(many(100_000), { get });
    expect(problemsOf(backgroundBody.safeParse({ code: 'x', env }))).toEqual(['env']);
    expect(looks).toBe(0);
  });
});

describe('a name', () => {
  it.each(['', 'n', 'x'.repeat(128), '👋'.repeat(128), '<b>&"\'', 'مرحبا', ' spaced out '])('may be %j', (name) => {
    expect(parseWith({ name }).data?.name).toBe(name);
  });

  it.each([
    'x'.repeat(129),
    '👋'.repeat(129),
    'a\nb',
    'a\tb',
    '\0',
    '\u001b[31m',
    '\u007f',
    '\u0085',
    '\u2028',
    '\u2029',
    '\u202e',
    '\u200f',
    '\u2066',
    '\uFEFF',
    '\ud834',
  ])('is refused as %j', (name) => {
    expect(problemsOf(parseWith({ name }))).toContain('name');
  });
});
