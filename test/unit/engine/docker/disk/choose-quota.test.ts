import { expect, it } from 'vitest';
import { chooseQuota } from '../../../../../src/engine/docker/disk/choose-quota.ts';
import { shareMounts } from '../../../../../src/engine/docker/disk/needs.ts';

const met = async () => undefined;
const lacking = async () => 'mkfs.ext4 is missing';
const away = async () => Promise.reject(new Error('away'));

it.each([
  { title: 'hard where nothing is missing', wish: 'auto', needs: [met, met], chosen: { kind: 'hard' } },
  { title: 'hard where it is asked for', wish: 'hard', needs: [met], chosen: { kind: 'hard' } },
  {
    title: 'counting, with the first thing that is missing',
    wish: 'auto',
    needs: [met, lacking, away],
    chosen: { kind: 'accounting', why: 'mkfs.ext4 is missing' },
  },
  {
    title: 'the same where hard is asked for: it is for others to refuse',
    wish: 'hard',
    needs: [lacking],
    chosen: { kind: 'accounting', why: 'mkfs.ext4 is missing' },
  },
  {
    title: 'counting where it is asked for, and nobody looks',
    wish: 'accounting',
    needs: [away],
    chosen: { kind: 'accounting', why: expect.stringMatching(/CORACLE/) },
  },
] as const)('$title', async ({ wish, needs, chosen }) => {
  expect(await chooseQuota(wish, needs)).toEqual(chosen);
});

it('what cannot be asked is not answered', async () => {
  await expect(chooseQuota('auto', [away])).rejects.toThrow('away');
});

it('namespaces are told by the numbers of their mounts', () => {
  const host = '27 1 254:0 / / rw - ext4 /dev/vda rw\n28 27 0:21 / /proc rw - proc proc rw\n';
  expect(shareMounts(host, host)).toBe(true);
  expect(shareMounts('127 101 254:0 / / rw - ext4 /dev/vda rw\n', host)).toBe(false);
  expect(shareMounts('', host)).toBe(false);
  expect(shareMounts(host, '')).toBe(false);
});
