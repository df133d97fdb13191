import { expect, test } from 'vitest';
import { encodeJob, type Job } from '../../../src/engine/job.ts';

const JOB: Job = { workingDir: '/workspace', file: '/tmp/main.sh', compile: [], run: ['bash', '/tmp/main.sh'], env: {}, code: 'true' };

/** The fields as the launcher reads them. */
function fieldsOf(job: Partial<Job>): string[] {
  return encodeJob({ ...JOB, ...job })
    .subarray(4)
    .toString()
    .split('\0');
}

test('a job is its length and its fields, lists with their counts', () => {
  const job = { compile: ['cc', '-o', 'x'], env: { A: '1', B: 'two words' } };
  const expected = ['/workspace', '/tmp/main.sh', '3', 'cc', '-o', 'x', '2', 'bash', '/tmp/main.sh', '2', 'A=1', 'B=two words', 'true'];
  expect(fieldsOf(job)).toEqual(expected);
});

test('lists may be empty, and fields too', () => {
  expect(fieldsOf({ file: '', code: '', run: [''] })).toEqual(['/workspace', '', '0', '1', '', '0', '']);
});

test.each([
  { title: 'ASCII', code: 'echo hi' },
  { title: 'text of several bytes a character', code: 'echo "äß€\u{1F600}"' },
  { title: '1 MiB', code: 'x'.repeat(1024 * 1024) },
])('the length counts bytes: $title', ({ code }) => {
  const encoded = encodeJob({ ...JOB, code });
  expect(encoded.readUInt32BE(0)).toBe(encoded.length - 4);
  expect(encoded.subarray(-Buffer.byteLength(code)).toString()).toBe(code);
});

test('an equals sign or a line break in a value stays in its value', () => {
  expect(fieldsOf({ env: { A: 'b=c\nD=e' } })).toContain('A=b=c\nD=e');
});

test.each<{ title: string; job: Partial<Job> }>([
  { title: 'the code', job: { code: 'a\0b' } },
  { title: 'the working directory', job: { workingDir: '/a\0b' } },
  { title: 'the file', job: { file: '/a\0b' } },
  { title: 'an argument', job: { run: ['a\0b'] } },
  { title: "a variable's value", job: { env: { A: 'b\0c' } } },
  { title: "a variable's name", job: { env: { 'A\0B': 'c' } } },
])('NUL in $title is refused, so that no text becomes another field', ({ job }) => {
  expect(() => encodeJob({ ...JOB, ...job })).toThrow(RangeError);
});
