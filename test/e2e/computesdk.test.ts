import { hopx as hopxProvider } from '@computesdk/hopx';
import { compute } from 'computesdk';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Hopx, openHopx } from '../support/hopx.ts';

let hopx: Hopx;

beforeAll(async () => {
  hopx = await openHopx();
  compute.setConfig({ provider: hopxProvider(hopx.options) });
});
afterAll(() => hopx[Symbol.asyncDispose]());

it('drives a sandbox by its own interface, from making it to destroying it', async () => {
  const sandbox = await compute.sandbox.create({ timeout: 600_000, envs: { A: '1' } });
  expect(await sandbox.getInfo()).toMatchObject({ id: sandbox.sandboxId, provider: 'hopx', status: 'running', timeout: 600_000 });

  const ran = await sandbox.runCommand(`sh -c 'echo "$A $B"; pwd; exit 3'`, { env: { B: 'two words' }, cwd: '/tmp' });
  expect(ran).toMatchObject({ stdout: '1 two words\n/tmp\n', stderr: '', exitCode: 3 });
  expect(await sandbox.runCommand('python3 -c "print(6 * 7)"; node -p "6 * 7"')).toMatchObject({ stdout: '42\n42\n', exitCode: 0 });

  const { filesystem } = sandbox;
  await filesystem.mkdir('/workspace/d');
  await filesystem.writeFile('/workspace/d/f.txt', 'héllo');
  expect(await filesystem.readFile('/workspace/d/f.txt')).toBe('héllo');
  expect(await filesystem.readdir('/workspace/d')).toMatchObject([{ name: 'f.txt', type: 'file', size: 6 }]);
  expect((await sandbox.runCommand('cat /workspace/d/f.txt')).stdout).toBe('héllo');
  expect(await filesystem.exists('/workspace/d/f.txt')).toBe(true);
  await filesystem.remove('/workspace/d');
  expect(await filesystem.exists('/workspace/d')).toBe(false);

  expect((await compute.sandbox.getById(sandbox.sandboxId))?.sandboxId).toBe(sandbox.sandboxId);
  await sandbox.destroy();
  expect(await compute.sandbox.getById(sandbox.sandboxId)).toBeNull();
});
