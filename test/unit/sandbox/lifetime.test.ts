import { expect, test } from 'vitest';
import { activeMs, expiryOf, isOver, livingFor, pausesUntil, pausing, resuming } from '../../../src/sandbox/lifetime.ts';
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
  expect(changed(paused, resuming(24_000))).toMatchObject({ pausedAt: null, expiresAt: 29_000, pauses: [{ from: 4_000, to: 24_000 }] });
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

test('remembers its pauses, the one that goes on too, but not without end', () => {
  const pauses = [{ from: 1, to: 2 }];
  expect(pausesUntil(newSandbox({ pauses }), 9)).toEqual(pauses);
  expect(pausesUntil(newSandbox({ pauses, pausedAt: 5 }), 9)).toEqual([...pauses, { from: 5, to: 9 }]);
  const many = Array.from({ length: 1_500 }, (_, index) => ({ from: index * 10, to: index * 10 + 1 }));
  expect(changed(newSandbox({ pauses: many, pausedAt: 99_999 }), resuming(100_000)).pauses).toHaveLength(1_000);
});

test.each([
  { title: 'no pause', pauses: [], active: 100 },
  { title: 'one within', pauses: [{ from: 120, to: 150 }], active: 70 },
  { title: 'one that began before', pauses: [{ from: 0, to: 130 }], active: 70 },
  { title: 'one that goes on after', pauses: [{ from: 190, to: 900 }], active: 90 },
  {
    title: 'those outside',
    pauses: [
      { from: 0, to: 100 },
      { from: 200, to: 300 },
    ],
    active: 100,
  },
  {
    title: 'several',
    pauses: [
      { from: 110, to: 120 },
      { from: 130, to: 140 },
    ],
    active: 80,
  },
  { title: 'one around all', pauses: [{ from: 0, to: 900 }], active: 0 },
])('time outside of pauses: $title', ({ pauses, active }) => {
  expect(activeMs(pauses, 100, 200)).toBe(active);
});
