import { readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { expect, it } from 'vitest';
import { openExecutor } from '../../src/executor.ts';
import { containersOf, workspacesOf } from '../support/docker.ts';
import { imageTag } from '../support/images.ts';
import { until } from '../support/until.ts';

const settings = { CORACLE_IMAGE_TAG: imageTag };
const folders = async () => (await readdir(tmpdir())).filter((name) => name.startsWith('coracle-executor-'));

it('runs code to its end, and says how it ended', async () => {
  await using executor = await openExecutor({ languages: ['python'], settings });
  expect(await executor.run({ code: 'print(6 * 7)', language: 'python' })).toMatchObject({ status: 'completed', stdout: '42\n', stderr: '', exit_code: 0 });
  const failing = await executor.run({ code: 'import sys; print("no", file=sys.stderr); sys.exit(3)' });
  expect(failing).toMatchObject({ status: 'failed', failure: { kind: 'exit' }, stderr: 'no\n', exit_code: 3 });
  const slow = await executor.run({ code: 'sleep 60', language: 'bash', timeout: 1 });
  expect(slow).toMatchObject({ status: 'failed', timed_out: true });
});

it('keeps output exact, and workspaces apart', async () => {
  await using executor = await openExecutor({ settings });
  const code = 'import sys; sys.stdout.buffer.write(bytes(range(256)) * 8192); open("/workspace/x", "w").close()';
  const { process_id } = await executor.run({ code }, { sandbox: 'one' });
  const expected = Buffer.alloc(
    2_097_152,
    Uint8Array.from({ length: 256 }, (_, byte) => byte),
  );
  expect(expected.equals(await executor.output(process_id, 'stdout'))).toBe(true);
  const ls = (sandbox: string) => executor.run({ code: 'find /workspace -mindepth 1 -printf "%f\\n"', language: 'bash' }, { sandbox });
  expect((await ls('one')).stdout).toBe('x\n');
  expect((await ls('two')).stdout).toBe('');
});

it('leaves nothing behind, whatever still runs', async () => {
  const before = await folders();
  const executor = await openExecutor({ settings: { ...settings, CORACLE_MAX_CONTAINERS: '1' } });
  const running = await executor.submit({ code: 'touch x; echo up; sleep 600', language: 'bash' });
  const waiting = await executor.submit({ code: 'sleep 600', language: 'bash' });
  await until(async () => (await executor.get(running.process_id)).stdout === 'up\n', 'it to run');
  expect(await executor.get(waiting.process_id)).toMatchObject({ status: 'queued' });
  expect(await containersOf(executor.instance)).not.toEqual([]);
  await Promise.all([executor.close(), executor.close()]);
  expect(await containersOf(executor.instance)).toEqual([]);
  expect(await workspacesOf(executor.instance)).toEqual([]);
  expect((await folders()).filter((name) => !before.includes(name))).toEqual([]);
  await expect(executor.submit({ code: '1' })).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
});

it('ends a process whose caller gives up, and one that is killed', async () => {
  await using executor = await openExecutor({ settings });
  const stop = new AbortController();
  const run = executor.run({ code: 'sleep 600', language: 'bash', name: 'abandoned' }, { signal: stop.signal });
  await until(async () => (await containersOf(executor.instance)).length > 0, 'its container');
  stop.abort();
  await expect(run).rejects.toMatchObject({ name: 'AbortError' });
  await until(async () => (await containersOf(executor.instance)).length === 0, 'its container to go');
  const { process_id } = await executor.submit({ code: 'sleep 600', language: 'bash' });
  expect(await executor.kill(process_id)).toMatchObject({ status: 'killed' });
  expect(await executor.kill(process_id)).toMatchObject({ status: 'killed' });
});

it('refuses in words what cannot be run', async () => {
  await using executor = await openExecutor({ settings });
  await expect(executor.run({ code: '' })).rejects.toMatchObject({ code: 'INVALID_REQUEST', message: expect.stringContaining('must not be empty') });
  await expect(executor.run({ code: '1', language: 'cobol' })).rejects.toMatchObject({ code: 'INVALID_REQUEST', message: expect.stringContaining('python') });
  await expect(executor.get('proc_none')).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

it('does not open without an engine or the images, and says what to do', async () => {
  const before = await folders();
  const missing = openExecutor({ languages: ['python', 'py', 'bash'], settings: { CORACLE_IMAGE_TAG: 'no-such-build' } });
  const message = expect.stringContaining('no image coracle/python:no-such-build. Run "npx coracle images build python bash"');
  await expect(missing).rejects.toMatchObject({ code: 'IMAGE_MISSING', message });
  await expect(openExecutor({ languages: ['cobol'], settings })).rejects.toMatchObject({ code: 'INVALID_REQUEST' });
  const { DOCKER_HOST } = process.env;
  process.env['DOCKER_HOST'] = 'unix:///nonexistent.sock';
  try {
    await expect(openExecutor({ settings })).rejects.toMatchObject({ code: 'ENGINE_UNAVAILABLE', message: expect.stringContaining('DOCKER_HOST') });
  } finally {
    if (DOCKER_HOST === undefined) delete process.env['DOCKER_HOST'];
    else process.env['DOCKER_HOST'] = DOCKER_HOST;
  }
  expect((await folders()).filter((name) => !before.includes(name))).toEqual([]);
});
