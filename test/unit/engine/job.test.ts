import { expect, test } from 'vitest';
import { encodeJob, type Job, type JobFile } from '../../../src/engine/job.ts';

const JOB: Job = { workingDir: '/workspace', compile: [], run: ['bash', '/tmp/main.sh'], env: {}, files: [] };
const file = (content: string | Uint8Array, path = '/tmp/main.sh'): JobFile => ({ path, mode: 0o644, content: Buffer.from(content) });

/** The fields and the contents, as the launcher reads them. */
function decode(job: Partial<Job>): { fields: string[]; contents: Buffer } {
  const encoded = encodeJob({ ...JOB, ...job });
  const end = 4 + encoded.readUInt32BE(0);
  return { fields: encoded.subarray(4, end).toString().split('\0'), contents: encoded.subarray(end) };
}

test('a job is its length, its fields with the counts of lists, and the contents of its files', () => {
  const files = [file('true'), { path: '/workspace/a', mode: 0o600, content: Buffer.from('data') }];
  const { fields, contents } = decode({ compile: ['cc', '-o', 'x'], env: { A: '1', B: 'two words' }, files });
  const lists = ['3', 'cc', '-o', 'x', '2', 'bash', '/tmp/main.sh', '2', 'A=1', 'B=two words'];
  expect(fields).toEqual(['/workspace', ...lists, '2', '/tmp/main.sh', '644', '4', '/workspace/a', '600', '4']);
  expect(contents.toString()).toBe('truedata');
});

test('lists may be empty, and fields too', () => {
  expect(decode({ run: [''] }).fields).toEqual(['/workspace', '0', '1', '', '0', '0']);
});

test.each([
  { title: 'ASCII', content: 'echo hi' },
  { title: 'text of several bytes a character', content: 'echo "äß€\u{1F600}"' },
  { title: '1 MiB', content: 'x'.repeat(1024 * 1024) },
  { title: 'any bytes, NUL among them', content: Buffer.from(Array.from({ length: 256 }, (_, byte) => byte)) },
  { title: 'nothing', content: '' },
])('a size counts bytes, and a content may be anything: $title', ({ content }) => {
  const { fields, contents } = decode({ files: [file(content)] });
  expect(fields.at(-1)).toBe(String(Buffer.from(content).length));
  expect(contents).toEqual(Buffer.from(content));
});

test('an equals sign or a line break in a value stays in its value', () => {
  expect(decode({ env: { A: 'b=c\nD=e' } }).fields).toContain('A=b=c\nD=e');
});

test.each<{ title: string; job: Partial<Job> }>([
  { title: 'the working directory', job: { workingDir: '/a\0b' } },
  { title: "a file's path", job: { files: [file('', '/a\0b')] } },
  { title: 'an argument', job: { run: ['a\0b'] } },
  { title: "a variable's value", job: { env: { A: 'b\0c' } } },
  { title: "a variable's name", job: { env: { 'A\0B': 'c' } } },
])('NUL in $title is refused, so that no text becomes another field', ({ job }) => {
  expect(() => encodeJob({ ...JOB, ...job })).toThrow(RangeError);
});
