import { relative } from 'node:path';
import type { TestReport } from '../../src/setup/vitest.ts';
import { PROJECT_ROOT } from '../../src/version.ts';
import type { EngineName } from './engines.ts';
import type { EngineException } from './exceptions.ts';

/** One test, or a file that could not be run. */
interface Played {
  readonly file: string;
  readonly test: string;
  readonly hasPassed: boolean;
}

export interface Verdict {
  readonly passed: number;
  readonly excepted: readonly EngineException[];
  /** Each with what to do; none when the run was as it has to be. */
  readonly problems: readonly string[];
}

/** The files that do not run on an engine. */
export function excludedFiles(exceptions: readonly EngineException[], on: EngineName): readonly string[] {
  return exceptions.filter((exception) => exception.test === undefined && exception.on.includes(on)).map(({ file }) => file);
}

/**
 * Holds what a run brought against the list of exceptions, both ways: each failure has to be on it, and what is on it has to fail. In a run of everything a
 * test that was skipped has failed.
 */
export function judge(report: TestReport, exceptions: readonly EngineException[], on: EngineName): Verdict {
  const played = playedIn(report);
  const files = new Set(played.map(({ file }) => file));
  const expected = exceptions.filter(({ test, file, on: engines }) => test !== undefined && engines.includes(on) && files.has(file));
  const failures = played.filter(({ hasPassed }) => !hasPassed);
  const failed = failures.filter((failure) => !expected.some((exception) => isOf(exception, failure)));
  const stale = expected.filter((exception) => !failures.some((failure) => isOf(exception, failure)));
  return {
    passed: played.length - failures.length,
    excepted: expected.filter((exception) => !stale.includes(exception)),
    problems: [
      ...failed.map(({ file, test }) => `${file}: "${test}" failed, and is no exception`),
      ...stale.map(({ file, test }) => `${file}: "${test}" has not failed. Take it from test/engines/exceptions.ts`),
    ],
  };
}

/** Of a run that was told which tests to play: what it played, and the exceptions without those that it passed over. */
export function chosenOf(report: TestReport, exceptions: readonly EngineException[]): { report: TestReport; exceptions: readonly EngineException[] } {
  const isSkipped = ({ status }: { status: string }) => status === 'skipped';
  const passedOver = new Set(report.testResults.flatMap(({ assertionResults }) => assertionResults.filter(isSkipped).map(({ fullName }) => fullName)));
  const testResults = report.testResults.map((file) => ({ ...file, assertionResults: file.assertionResults.filter((each) => !isSkipped(each)) }));
  return { report: { ...report, testResults }, exceptions: exceptions.filter(({ test }) => test === undefined || !passedOver.has(test)) };
}

function isOf({ file, test }: EngineException, played: Played): boolean {
  return file === played.file && test === played.test;
}

function playedIn({ testResults }: TestReport): Played[] {
  return testResults.flatMap(({ name, status, message, assertionResults }) => {
    const file = relative(PROJECT_ROOT, name);
    const tests = assertionResults.map(({ fullName, status: outcome }) => ({ file, test: fullName, hasPassed: outcome === 'passed' }));
    const isBroken = status !== 'passed' && tests.every(({ hasPassed }) => hasPassed);
    return isBroken ? [...tests, { file, test: message, hasPassed: false }] : tests;
  });
}
