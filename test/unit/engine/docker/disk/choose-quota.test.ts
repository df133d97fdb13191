import { expect, it } from 'vitest';
import { chooseQuota } from '../../../../../src/engine/docker/disk/choose-quota.ts';
import { shareMounts } from '../../../../../src/engine/docker/disk/needs.ts';

const met = async () => undefined;
const lacking = async () => 'mkfs.ext4 is missing';
const away = async () => Promise.reject(new Error('away'));

const unbounded = async () => 'the engine has no quotas';

it.each([
  {
    title: "the engine's quota where it has one, and nobody looks further",
    wish: 'auto',
    engine: [met],
    needs: [away],
    chosen: { kind: 'hard', by: 'engine' },
  },
  { title: 'the same where hard is asked for', wish: 'hard', engine: [met], needs: [away], chosen: { kind: 'hard', by: 'engine' } },
  { title: 'a filesystem where nothing is missing', wish: 'auto', engine: [unbounded], needs: [met, met], chosen: { kind: 'hard', by: 'filesystem' } },
  { title: 'the same where it is asked for', wish: 'hard', engine: [unbounded], needs: [met], chosen: { kind: 'hard', by: 'filesystem' } },
  {
    title: 'counting, with the first thing that is missing',
    wish: 'auto',
    engine: [unbounded],
    needs: [met, lacking, away],
    chosen: { kind: 'accounting', why: 'mkfs.ext4 is missing; and the engine has no quotas' },
  },
  {
    title: 'the same where hard is asked for: it is for others to refuse',
    wish: 'hard',
    engine: [unbounded],
    needs: [lacking],
    chosen: { kind: 'accounting', why: 'mkfs.ext4 is missing; and the engine has no quotas' },
  },
  {
    title: 'counting where it is asked for, and nobody looks',
    wish: 'accounting',
    engine: [away],
    needs: [away],
    chosen: { kind: 'accounting', why: expect.stringMatching(/CORACLE/) },
  },
] as const)('$title', async ({ wish, engine, needs, chosen }) => {
  expect(await chooseQuota(wish, { engine, filesystem: needs })).toEqual(chosen);
});

it('what cannot be asked is not answered', async () => {
  await expect(chooseQuota('auto', { engine: [away], filesystem: [met] })).rejects.toThrow('away');
});

it('namespaces are told by the numbers of their mounts', () => {
  const host = '27 1 254:0 / / rw - ext4 /dev/vda rw\n28 27 0:21 / /proc rw - proc proc rw\n';
  expect(shareMounts(host, host)).toBe(true);
  expect(shareMounts('127 101 254:0 / / rw - ext4 /dev/vda rw\n', host)).toBe(false);
  expect(shareMounts('', host)).toBe(false);
  expect(shareMounts(host, '')).toBe(false);
});
