import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { PROJECT_ROOT } from '../../../src/version.ts';
import { type EngineException, EXCEPTIONS } from '../../engines/exceptions.ts';
import { chosenOf, excludedFiles, judge } from '../../engines/judge.ts';

const FILE = 'test/integration/some.test.ts';
const exception = (test?: string): EngineException => ({ on: ['gvisor'], file: FILE, reason: 'its kernel has none', ...(test === undefined ? {} : { test }) });

const saying = (words: string) => expect.stringContaining(words);

/** What vitest says of one file: the outcome of each test by its name. */
function reportOf(outcomes: Record<string, string>, { status = 'passed', message = '' } = {}) {
  const assertionResults = Object.entries(outcomes).map(([fullName, outcome]) => ({ fullName, status: outcome }));
  return { numPassedTests: 0, numFailedTests: 0, testResults: [{ name: join(PROJECT_ROOT, FILE), status, message, assertionResults }] };
}

interface Row {
  readonly report: ReturnType<typeof reportOf>;
  readonly exceptions?: readonly EngineException[];
  readonly passed: number;
  readonly excepted?: number;
  readonly problems?: readonly unknown[];
}

describe('a run on another engine', () => {
  it.each<[string, Row]>([
    ['all pass', { report: reportOf({ a: 'passed', b: 'passed' }), passed: 2 }],
    ['one fails', { report: reportOf({ a: 'passed', b: 'failed' }), passed: 1, problems: [`${FILE}: "b" failed, and is no exception`] }],
    ['one fails as listed', { report: reportOf({ a: 'passed', b: 'failed' }), exceptions: [exception('b')], passed: 1, excepted: 1 }],
    [
      'another one fails',
      { report: reportOf({ a: 'failed', b: 'failed' }), exceptions: [exception('b')], passed: 0, excepted: 1, problems: [saying('"a" failed')] },
    ],
    ['the listed one passes', { report: reportOf({ b: 'passed' }), exceptions: [exception('b')], passed: 1, problems: [saying('Take it from')] }],
    ['the listed one is not there', { report: reportOf({ a: 'passed' }), exceptions: [exception('b')], passed: 1, problems: [saying('Take it from')] }],
    ['one did not run', { report: reportOf({ a: 'skipped' }), passed: 0, problems: [saying('"a" failed')] }],
    ['a file could not be read', { report: reportOf({}, { status: 'failed', message: 'no module' }), passed: 0, problems: [saying('no module')] }],
    [
      'what follows the tests fails',
      { report: reportOf({ a: 'passed' }, { status: 'failed', message: 'at the end' }), passed: 1, problems: [saying('at the end')] },
    ],
  ])('in which %s', (_what, { report, exceptions = [], ...expected }: Row) => {
    const verdict = judge(report, exceptions, 'gvisor');
    expect({ ...verdict, excepted: verdict.excepted.length }).toEqual({ excepted: 0, problems: [], ...expected });
  });

  it('has no use for the exceptions of the other engine, nor for those of files that it did not play', () => {
    expect(judge(reportOf({ b: 'failed' }), [exception('b')], 'userns').problems).toHaveLength(1);
    expect(judge(reportOf({ a: 'passed' }), [{ ...exception('b'), file: 'test/e2e/other.test.ts' }], 'gvisor').problems).toEqual([]);
  });

  it('has no use for what was not chosen to be played', () => {
    const { report, exceptions } = chosenOf(reportOf({ a: 'failed', b: 'skipped', c: 'failed' }), [exception('b'), exception('c')]);
    expect(judge(report, exceptions, 'gvisor')).toEqual({ passed: 0, excepted: [exception('c')], problems: [saying('"a" failed')] });
  });

  it('leaves out the files that are exceptions as a whole', () => {
    expect(excludedFiles([exception(), exception('b')], 'gvisor')).toEqual([FILE]);
    expect(excludedFiles([exception()], 'userns')).toEqual([]);
  });
});

it.each(EXCEPTIONS)('the exception in $file names a file that is there', ({ file }) => {
  expect(existsSync(join(PROJECT_ROOT, file))).toBe(true);
});
