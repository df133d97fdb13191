import { describe, expect, it } from 'vitest';
import { backgroundBody } from '../../../../src/http/schemas/execute.ts';
import { decode, stdinBody } from '../../../../src/http/schemas/source.ts';

const parse = (fields: object) => backgroundBody.safeParse({ code: 'x', ...fields });
const MIB = 1024 * 1024;

describe('stdin', () => {
  it.each([
    ['text', 'ä', Buffer.from('ä'), true],
    ['nothing', '', Buffer.alloc(0), true],
    ['text in an object', { data: 'ä' }, Buffer.from('ä'), true],
    ['bytes', { data: '/wA=', encoding: 'base64' }, Buffer.from([255, 0]), true],
    ['text that more follows', { data: 'x', close: false }, Buffer.from('x'), false],
    ['null for what is by default', { data: 'x', encoding: null, close: null }, Buffer.from('x'), true],
  ] as const)('is %s', (...[, stdin, bytes, close]) => {
    const { data } = parse({ stdin });
    expect(data?.stdin?.close).toBe(close);
    expect(decode(data?.stdin ?? { data: 'none', encoding: 'utf8' }).equals(bytes)).toBe(true);
  });

  it.each([[5], [{}], [{ data: 5 }], [{ data: 'ä', encoding: 'base64' }], [{ data: 'x', encoding: 'hex' }], ['\ud800'], ['x'.repeat(4 * MIB + 1)]])(
    'refuses %j'.slice(0, 10),
    (stdin) => {
      expect(parse({ stdin }).success).toBe(false);
    },
  );

  it('sent later may be empty, and is not the end unless it says so', () => {
    expect(stdinBody.parse({})).toEqual({ data: '', encoding: 'utf8', close: false });
    expect(stdinBody.parse({ data: 'eA==', encoding: 'base64', close: true })).toEqual({ data: 'eA==', encoding: 'base64', close: true });
    expect(stdinBody.safeParse({ data: 'ä', encoding: 'base64' }).success).toBe(false);
  });
});

describe('files, arguments and limits', () => {
  it('take text or bytes, and none at all', () => {
    const { data } = parse({ files: { a: 'ä', b: { data: '/wA=', encoding: 'base64' } }, args: ['', 'x y'], limits: { memory_mb: 64.5, cpus: 0.5, pids: 8 } });
    expect(Object.entries(data?.files ?? {}).map(([path, content]) => [path, decode(content).toString('hex')])).toEqual([
      ['a', 'c3a4'],
      ['b', 'ff00'],
    ]);
    expect(data).toMatchObject({ args: ['', 'x y'], limits: { memory_mb: 64.5, cpus: 0.5, pids: 8, disk_mb: null, output_bytes: null } });
    expect(parse({ files: {}, args: [], limits: {}, stdin: null }).success).toBe(true);
  });

  it.each([
    ['too many files', { files: Object.fromEntries(Array.from({ length: 257 }, (_, index) => [`f${index}`, ''])) }],
    ['too much in them', { files: { a: 'x'.repeat(3 * MIB), b: 'x'.repeat(2 * MIB) } }],
    ['a file that is no text', { files: { a: 1 } }],
    ['a file called __proto__', JSON.parse('{"files":{"__proto__":"x"}}')],
    ['an argument with NUL', { args: ['a\0'] }],
    ['an argument that is no text', { args: [1] }],
    ['too many arguments', { args: Array.from({ length: 257 }, () => '') }],
    ['too long arguments', { args: ['x'.repeat(128 * 1024)] }],
    ['too little memory', { limits: { memory_mb: 15 } }],
    ['no processes', { limits: { pids: 0 } }],
    ['text for a limit', { limits: { cpus: '1' } }],
    ['endless memory', JSON.parse('{"limits":{"memory_mb":1e400}}')],
  ])('refuse %s', (_title, fields) => {
    expect(parse(fields).success).toBe(false);
  });
});
