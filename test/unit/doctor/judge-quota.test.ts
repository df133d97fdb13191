import { expect, it } from 'vitest';
import { judgeQuota, unseenDisk } from '../../../src/doctor/judge-quota.ts';

const LACKING = { kind: 'accounting', why: 'the server does not run as root' } as const;

it.each([
  { quota: { kind: 'hard', by: 'engine' }, wish: 'hard', level: 'good', says: /engine's own quota/ },
  { quota: { kind: 'hard', by: 'filesystem' }, wish: 'auto', level: 'good', says: /filesystem of its own/ },
  { quota: LACKING, wish: 'auto', level: 'advice', says: /counting alone: the server does not run as root/ },
  { quota: LACKING, wish: 'hard', level: 'dangerous', says: /CORACLE_WORKSPACE_QUOTA=auto/ },
  { quota: { kind: 'accounting', why: 'CORACLE_WORKSPACE_QUOTA asks for it' }, wish: 'accounting', level: 'advice', says: /Unset CORACLE_WORKSPACE_QUOTA/ },
] as const)('$quota.kind where $wish is asked for is $level', ({ quota, wish, level, says }) => {
  const finding = judgeQuota(quota, wish);
  expect(finding.level).toBe(level);
  expect(`${finding.what}. ${finding.remedy}`).toMatch(says);
});

it('an engine that gives a container no such place is dangerous, with a remedy for each kind', () => {
  expect(unseenDisk('engine')).toMatchObject({ level: 'dangerous', remedy: expect.stringMatching(/npm run setup/) });
  expect(unseenDisk('filesystem')).toMatchObject({ level: 'dangerous', remedy: expect.stringMatching(/mount namespace/) });
});
