import { describe, expect, it } from 'vitest';
import { judgeInterpreter } from '../../../src/doctor/interpreters.ts';
import type { ContainerExit } from '../../../src/process/outcome.ts';

const LANGUAGE = { name: 'cobol', image: 'cobol' };
const exited = (exitCode: number): ContainerExit => ({ kind: 'exited', exitCode, oomKilled: false, endedAt: null });
const ran = (exit: ContainerExit | undefined, printed = '') => ({ exit, printed, stdout: '' });

describe('an interpreter that was given nothing to do', () => {
  it.each([
    ['ends well', exited(0)],
    ['refuses an empty program', exited(1)],
  ])('and %s is there', (_what, exit) => {
    expect(judgeInterpreter(LANGUAGE, ran(exit))).toMatchObject({ check: 'interpreter.cobol', level: 'good' });
  });

  it.each([
    ['cannot be run', exited(126), 'exit code 126'],
    ['is missing', exited(127), 'exit code 127'],
    ['was made for another CPU', exited(132), 'exit code 132'],
    ['went away', { kind: 'vanished', reason: 'removed' } as const, 'no end that is known'],
    ['never got so far', undefined, 'no end that is known'],
  ])('and %s is told of, and what to do', (_what, exit, end) => {
    const found = judgeInterpreter(LANGUAGE, ran(exit));
    expect(found).toMatchObject({ level: 'advice', what: `cobol does not start: ${end}`, remedy: expect.stringContaining('npm run setup') });
  });

  it('is quoted with its last words, and not at length', () => {
    const { what } = judgeInterpreter(LANGUAGE, ran(exited(127), `something\n${'"x"'.repeat(10_000)}\n`));
    expect(what).toContain(', "\\"x\\"\\"x');
    expect(what).not.toContain('something');
    expect(what.length).toBeLessThan(450);
  });
});
