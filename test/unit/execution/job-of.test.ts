import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { jobOf } from '../../../src/execution/job-of.ts';
import type { Language } from '../../../src/languages/language.ts';
import type { ProcessSource } from '../../../src/process/source.ts';
import { newRecord } from '../../support/records.ts';

const LANGUAGE: Language = {
  name: 'go',
  version: '1',
  aliases: [],
  image: 'go',
  file: '/tmp/main.go',
  compile: ['go', 'build'],
  run: ['/tmp/main'],
  show: ['show', '{mark}'],
  env: { PATH: '/bin', A: 'language', B: 'language' },
};
const record = newRecord({ executionId: 'exec_x', workingDir: '/workspace/a' });
const job = (source: Partial<ProcessSource>) =>
  jobOf(LANGUAGE, { A: 'sandbox', B: 'sandbox', C: 'sandbox' }, { record, source: { code: 'x', env: {}, ...source } });
const code = { path: '/tmp/main.go', mode: 0o644, content: Buffer.from('x') };

test('code is a file that its language runs, with arguments', () => {
  expect(job({ args: ['-v', 'a b'] })).toEqual({
    workingDir: '/workspace/a',
    env: { PATH: '/bin', A: 'sandbox', B: 'sandbox', C: 'sandbox' },
    compile: ['go', 'build'],
    run: ['/tmp/main', '-v', 'a b'],
    files: [code],
  });
});

test('the variables of the request come before those of the sandbox, and those before those of the language', () => {
  expect(job({ env: { A: 'request' } }).env).toEqual({ PATH: '/bin', A: 'request', B: 'sandbox', C: 'sandbox' });
});

test('a command is run as it is', () => {
  expect(job({ command: ['ls', '-l'] })).toMatchObject({ compile: [], run: ['ls', '-l'], files: [] });
});

test('what is wanted to be shown is run with a mark that nobody else knows', () => {
  expect(job({ wantsResult: true }).run).toEqual(['show', 'exec_x']);
});

test("the caller's files come first, so that the code is the code", () => {
  const files = [{ path: '/tmp/main.go', content: Buffer.from('other') }];
  expect(job({ files }).files).toEqual([{ ...files[0], mode: 0o644 }, code]);
});

test('an input that stays open is no part of the job, nor is one that is empty', () => {
  for (const stdin of [
    { data: Buffer.from('x'), isClosed: false },
    { data: Buffer.alloc(0), isClosed: true },
  ])
    expect(job({ stdin })).toEqual(job({}));
});

test('an input that is known whole is a file that becomes the standard input', () => {
  const { run, files } = job({ stdin: { data: Buffer.from('text'), isClosed: true }, args: ['a'] });
  const [, input] = files;
  expect(input).toMatchObject({ content: Buffer.from('text') });
  expect(run.slice(-3)).toEqual([input?.path, '/tmp/main', 'a']);
  // Here with a file of this machine: the words before it do what they say, and nothing of it is left.
  const command = [...run.slice(1, 3), '/dev/null', 'cat', '-'];
  expect(spawnSync('/bin/sh', [command[0] ?? '', (command[1] ?? '').replace('/bin/rm', 'true'), ...command.slice(2)]).status).toBe(0);
});
