import { expect, it } from 'vitest';
import advisories from '../../../src/doctor/advisories.json' with { type: 'json' };
import { type Advisory, judgeVersions } from '../../../src/doctor/advisories.ts';

const KNOWN = advisories as Advisory[];
const only = (versions: Partial<Record<Advisory['component'], string>>) =>
  judgeVersions({ engine: undefined, containerd: undefined, runc: undefined, ...versions }, KNOWN);

it('every advisory says what it means, what has it fixed, and where it stands', () => {
  for (const { id, fixedIn, title, here, source } of KNOWN) {
    expect(id).toMatch(/^CVE-\d{4}-\d+$/);
    expect(fixedIn.length).toBeGreaterThan(0);
    expect(title.length).toBeGreaterThan(10);
    expect(here).toMatch(/\.$/);
    expect(source).toMatch(/^https:\/\/github\.com\//);
  }
  expect(new Set(KNOWN.map(({ id }) => id)).size).toBe(KNOWN.length);
});

it('a version that has everything fixed is good', () => {
  expect(only({ runc: '1.4.0', containerd: '2.1.0', engine: '29.5.1' }).map(({ level }) => level)).toEqual(['good', 'good', 'good']);
});

it("an old runc of runc's own makers is dangerous, and the remedy names the version", () => {
  const found = only({ runc: '1.1.5' }).find(({ check }) => check === 'advisory.CVE-2024-21626');
  expect(found).toMatchObject({ level: 'dangerous', what: expect.stringContaining('runc 1.1.5'), remedy: expect.stringContaining('1.1.12') });
});

it("a distribution's build of it may have been mended, so that is for its operator to look up", () => {
  const found = only({ runc: '1.1.5+ds1-1+deb12u0' }).find(({ check }) => check === 'advisory.CVE-2024-21626');
  expect(found).toMatchObject({ level: 'advice', remedy: expect.stringMatching(/^Look whether your distribution has fixed it/) });
});

it('a build that is known to have been mended is not named', () => {
  expect(only({ runc: '1.1.5+ds1-1+deb12u1' }).map(({ check }) => check)).not.toContain('advisory.CVE-2024-21626');
});
