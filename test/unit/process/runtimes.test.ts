import { describe, expect, it } from 'vitest';
import { chooseRuntime } from '../../../src/process/runtimes.ts';

const POLICY = { standard: 'runc', offered: ['runsc', 'kata'] };

describe('the runtime of a process', () => {
  it.each([
    { title: 'none asked for', policy: POLICY, asked: null, expected: 'runc' },
    { title: 'the standard one', policy: POLICY, asked: 'runc', expected: 'runc' },
    { title: 'one that is offered', policy: POLICY, asked: 'kata', expected: 'kata' },
    { title: "the engine's own default", policy: { standard: null, offered: ['runsc'] }, asked: null, expected: null },
    { title: 'another beside it', policy: { standard: null, offered: ['runsc'] }, asked: 'runsc', expected: 'runsc' },
  ])('$title', ({ policy, asked, expected }) => {
    expect(chooseRuntime(policy, asked)).toBe(expected);
  });

  it.each(['crun', '', 'RUNC', '../runc', 'runc ', '__proto__'])('%j is refused with what is offered', (asked) => {
    expect(() => chooseRuntime(POLICY, asked)).toThrow(/is not offered\. Use one of: runc, runsc, kata/);
  });

  it('says when there is no choice', () => {
    expect(() => chooseRuntime({ standard: null, offered: [] }, 'runsc')).toThrow(/offers no choice: leave it out/);
  });
});
