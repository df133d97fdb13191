import { describe, expect, it } from 'vitest';
import { compareVersions, isFixed, isOfDistribution } from '../../../src/doctor/versions.ts';

it.each([
  ['1.0.0-rc7', '1.0.0-rc95'],
  ['1.0.0-rc95', '1.0.0'],
  ['1.2.0-rc.3', '1.2.0'],
  ['1.9.0', '1.10.0'],
  ['20.10.24+dfsg1', '29.5.1'],
  ['v1.1.5', '1.1.12'],
  ['1.1.5+ds1-1+deb12u1', '1.1.12'],
])('%s is older than %s', (older, newer) => {
  expect(compareVersions(older, newer)).toBeLessThan(0);
  expect(compareVersions(newer, older)).toBeGreaterThan(0);
  expect(compareVersions(older, older)).toBe(0);
});

describe('a fix in several branches', () => {
  const fixedIn = ['1.2.8', '1.3.3', '1.4.0-rc.3'];
  it.each(['1.2.8', '1.2.9', '1.3.3', '1.4.0-rc.3', '1.4.0', '1.5.0', '2.0.0'])('is in %s', (version) => expect(isFixed(version, fixedIn)).toBe(true));
  it.each(['1.1.15', '1.2.7', '1.3.0', '1.4.0-rc.2', '0.9'])('is not in %s', (version) => expect(isFixed(version, fixedIn)).toBe(false));
});

it.each([
  ['1.1.5+ds1', true],
  ['20.10.24+dfsg1', true],
  ['1.6.20~ds1', true],
  ['1.1.12-0ubuntu3', true],
  ['1.1.5', false],
  ['1.2.0-rc.3', false],
  ['28.2.2', false],
])('%s is a build of a distribution: %j', (version, expected) => expect(isOfDistribution(version)).toBe(expected));
