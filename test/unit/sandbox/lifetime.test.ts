import { expect, test } from 'vitest';
import { expiryOf, isOver, livingFor, pausing, resuming } from '../../../src/sandbox/lifetime.ts';
import type { Sandbox } from '../../../src/sandbox/sandbox.ts';
import { newSandbox } from '../../support/sandboxes.ts';

const changed = (sandbox: Sandbox, change: (current: Sandbox) => Partial<Sandbox>): Sandbox => ({ ...sandbox, ...change(sandbox) });

test.each([
  ['never ends without a time', { expiresAt: null }, null],
  ['ends when it should', { expiresAt: 9_000 }, 9_000],
  ['ends later by how long it has been paused', { expiresAt: 9_000, pausedAt: 4_000 }, 10_000],
] as const)('%s', (_name, differences, expected) => {
  expect(expiryOf(newSandbox(differences), 5_000)).toBe(expected);
});

test('is over at its time, and never while it is paused', () => {
  expect(isOver(newSandbox({ expiresAt: 9_000 }), 8_999)).toBe(false);
  expect(isOver(newSandbox({ expiresAt: 9_000 }), 9_000)).toBe(true);
  expect(isOver(newSandbox({ expiresAt: 9_000, pausedAt: 8_000 }), 99_000)).toBe(false);
  expect(isOver(newSandbox({ expiresAt: null }), 99_000)).toBe(false);
});

test('has left after a pause what it had left before, paused once or twice', () => {
  const paused = changed(changed(newSandbox({ expiresAt: 9_000 }), pausing(4_000)), pausing(6_000));
  expect(paused).toMatchObject({ pausedAt: 4_000, expiresAt: 9_000 });
  expect(changed(paused, resuming(24_000))).toMatchObject({ pausedAt: null, expiresAt: 29_000 });
});

test('is not changed by a resume without a pause', () => {
  const sandbox = newSandbox({ expiresAt: 9_000 });
  expect(changed(sandbox, resuming(5_000))).toEqual(sandbox);
});

test('gets the whole of a new time-out, also while it is paused', () => {
  expect(changed(newSandbox({ expiresAt: 9_000 }), livingFor(60, 5_000))).toMatchObject({ timeoutSeconds: 60, expiresAt: 65_000 });
  const paused = changed(newSandbox({ expiresAt: 9_000, pausedAt: 1_000 }), livingFor(60, 5_000));
  expect(expiryOf(paused, 5_000)).toBe(65_000);
  expect(expiryOf(changed(paused, resuming(8_000)), 8_000)).toBe(68_000);
});
