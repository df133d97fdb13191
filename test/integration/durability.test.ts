import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDockerEngine } from '../../src/engine/docker/docker-engine.ts';
import { backgroundReply } from '../../src/http/schemas/execute.ts';
import { removeReply } from '../../src/http/schemas/processes.ts';
import { type Api, apiOf } from '../support/api.ts';
import { containerOf, containersOf, docker } from '../support/docker.ts';
import { createPlace, startServer, untilOver } from '../support/place.ts';
import { openServer, type TestServer } from '../support/server.ts';
import { until } from '../support/until.ts';

let server: TestServer;
let api: Api;
const MIB = 1024 * 1024;
const FOREVER = { language: 'bash', code: 'echo up; while :; do sleep 1; done' };

beforeAll(async () => {
  server = await openServer({ CORACLE_MAX_CONTAINERS: '2', CORACLE_MAX_OUTPUT_MB: '1', CORACLE_OUTPUT_MB: '1' });
  api = await apiOf(server);
});
afterAll(() => server[Symbol.asyncDispose]());

async function started(body: Record<string, unknown> = FOREVER): Promise<string> {
  const id = await api.submit(body);
  await until(async () => (await api.get(id)).stdout.includes('up'), 'the program to be up');
  return id;
}

describe('a submission with an Idempotency-Key', () => {
  const body = { language: 'bash', code: 'echo once', name: 'order' };

  async function post(to: TestServer, { token }: Api, { key, ...request }: { key: string; [field: string]: unknown }) {
    const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json', 'Idempotency-Key': key };
    const response = await fetch(`${to.url}/execute/background`, { method: 'POST', headers, body: JSON.stringify(request) });
    return { status: response.status, replayed: response.headers.get('Idempotent-Replayed'), body: await response.json() };
  }

  it('counts once: a repeat gets the same answer, and is marked', async () => {
    const first = await post(server, api, { ...body, key: 'once' });
    expect(first).toMatchObject({ status: 200, replayed: null });
    await api.ended(backgroundReply.parse(first.body).process_id);
    expect(await post(server, api, { ...body, key: 'once' })).toEqual({ status: 200, replayed: 'true', body: first.body });
    expect((await api.list()).filter(({ name }) => name === 'order')).toHaveLength(1);
  });

  it('counts once when it comes many times at once', async () => {
    const crowd = await apiOf(server, 'crowd');
    const answers = await Promise.all(Array.from({ length: 20 }, () => post(server, crowd, { ...body, key: 'at-once' })));
    const ids = answers.map(({ body: reply }) => backgroundReply.parse(reply).process_id);
    expect(new Set(ids).size).toBe(1);
    expect(answers.filter(({ replayed }) => replayed === 'true')).toHaveLength(19);
    expect((await crowd.list()).map(({ process_id }) => process_id)).toEqual([ids[0]]);
    expect(await crowd.ended(ids[0] ?? '')).toMatchObject({ stdout: 'once\n' });
  });

  it('is a conflict with another body, and no business of another tenant', async () => {
    await post(server, api, { ...body, key: 'mine' });
    expect(await post(server, api, { ...body, code: 'echo twice', key: 'mine' })).toMatchObject({ status: 409, replayed: null, body: { code: 'CONFLICT' } });
    expect(await post(server, await apiOf(server, 'globex'), { ...body, key: 'mine' })).toMatchObject({ status: 200, replayed: null });
  });

  it.each([
    ['blank', ' '],
    ['with a space', 'a b'],
    ['with an umlaut', 'ä'],
    ['too long', 'x'.repeat(256)],
  ])('is refused with a key that is %s', async (_what, key) => {
    const before = (await api.list()).length;
    expect(await post(server, api, { ...body, key })).toMatchObject({
      status: 400,
      body: { code: 'INVALID_REQUEST', message: expect.stringContaining('idempotency-key') },
    });
    expect(await api.list()).toHaveLength(before);
  });

  it('is known after a restart, and after its record was removed', async () => {
    await using first = await openServer();
    const before = await apiOf(first);
    const answer = await post(first, before, { ...body, key: 'kept' });
    const id = backgroundReply.parse(answer.body).process_id;
    await before.ended(id);
    await first.close();
    await using second = await openServer({ CORACLE_DATA_DIR: first.dataDir });
    const after = await apiOf(second);
    expect(await post(second, after, { ...body, key: 'kept' })).toEqual({ status: 200, replayed: 'true', body: answer.body });
    expect((await after.list()).map(({ process_id }) => process_id)).toEqual([id]);
    expect(await after.call('DELETE', `/execute/processes/${id}`)).toMatchObject({ status: 200 });
    // The limits went with the record.
    const remembered = { ...(answer.body as object), limits: null };
    expect(await post(second, after, { ...body, key: 'kept' })).toEqual({ status: 200, replayed: 'true', body: remembered });
    expect(await after.list()).toEqual([]);
  });
});

describe('removing a process', () => {
  const remove = (of: Api, id: string) => of.call('DELETE', `/execute/processes/${id}`);
  const spools = () => readdir(join(server.dataDir, 'output'));

  it('takes its record and its output, once it has ended', async () => {
    const id = await started();
    expect(await remove(api, id)).toMatchObject({ status: 409, body: { code: 'CONFLICT', message: expect.stringContaining('Kill it first') } });
    expect(await remove(await apiOf(server, 'globex'), id)).toMatchObject({ status: 404, body: { code: 'RESOURCE_NOT_FOUND' } });
    await api.kill(id);
    expect(await remove(await apiOf(server, 'globex'), id)).toMatchObject({ status: 404 });
    expect(await spools()).toContain(id);
    const removed = await remove(api, id);
    expect(removed.status).toBe(200);
    expect(removeReply.parse(removed.body).process_id).toBe(id);
    expect(await spools()).not.toContain(id);
    for (const [method, path] of [
      ['DELETE', ''],
      ['GET', ''],
      ['GET', '/output'],
    ] as const)
      expect(await api.call(method, `/execute/processes/${id}${path}`)).toMatchObject({ status: 404, body: { code: 'RESOURCE_NOT_FOUND' } });
    expect((await api.list()).map(({ process_id }) => process_id)).not.toContain(id);
  });
});

describe('limits of output', () => {
  const FLOOD = 'import sys\nsys.stdout.write("head")\nwhile True: sys.stdout.write("x" * 99 + "\\n")';
  const limits = { output_bytes: 8_192 };

  it('end a process that chose so, long before its time-out', async () => {
    const process = await api.run({ code: FLOOD, limits, output_limit: 'kill', timeout: 100 });
    expect(process).toMatchObject({
      status: 'failed',
      failure: { kind: 'output_limit', message: expect.stringContaining('8192 bytes') },
      timed_out: false,
      limits,
      output_complete: true,
      stdout_truncated: true,
    });
    expect(process.timings.run_ms).toBeLessThan(50_000);
    const { body } = await api.call<{ data: string }>('GET', `/execute/processes/${process.process_id}/output?limit=4`);
    expect(body.data).toBe('head');
  });

  it('let a process go on that did not choose so', async () => {
    const process = await api.run({ code: 'print("x" * 100_000)', limits });
    expect(process).toMatchObject({ status: 'completed', failure: null, limits, stdout_bytes: 100_001, stdout_truncated: true, output_complete: true });
  });

  it('leave the end of its output on the record, alone and in the list, when the limit is small', async () => {
    const { process_id, ...process } = await api.run({ code: 'print("head" + "x" * 30_000)\nprint("tail")', limits });
    const [listed] = (await api.list()).filter((other) => other.process_id === process_id);
    for (const { stdout, stdout_bytes } of [process, listed ?? process]) {
      expect(stdout_bytes).toBe(30_010);
      expect(stdout).toMatch(/^x{1000,9000}\ntail\n$/);
    }
  });

  it('are never more than the server allows, and the record says what is in force', async () => {
    const process = await api.run({ code: 'print("x" * 3_000_000)', limits: { output_bytes: 2 ** 40 } });
    expect(process).toMatchObject({ limits: { output_bytes: MIB }, stdout_truncated: true });
    expect(await api.run({ language: 'bash', code: 'true' })).toMatchObject({ limits: { output_bytes: MIB }, stdout_truncated: false });
    expect(await api.call('POST', '/execute/background', { code: '1', limits: { output_bytes: 4_095 } })).toMatchObject({ status: 400 });
  });
});

describe('what a process used', () => {
  it('is told with how long it waited, started and ran', async () => {
    const code = 'import time\nkept = b"x" * (50 << 20)\nend = time.monotonic() + 3\nwhile time.monotonic() < end: pass';
    const { usage, timings, ...process } = await api.run({ code });
    expect(process).toMatchObject({ status: 'completed' });
    expect(usage?.peak_memory_bytes).toBeGreaterThan(50 * MIB);
    expect(usage?.cpu_ms).toBeGreaterThan(100);
    expect(timings).toEqual({ queued_ms: expect.any(Number), start_ms: expect.any(Number), run_ms: expect.any(Number) });
    expect(timings.run_ms).toBeGreaterThan(2_900);
    expect(timings.start_ms).toBeGreaterThanOrEqual(0);
  });

  it('is nothing when it never ran', async () => {
    const ids = [];
    for (let count = 0; count < 3; count += 1) ids.push(await api.submit(FOREVER));
    await Promise.all(ids.toReversed().map((id) => api.kill(id)));
    expect(await api.get(ids.at(-1) ?? '')).toMatchObject({ status: 'killed', usage: null, timings: { queued_ms: null, start_ms: null, run_ms: null } });
  });
});

describe('what goes wrong on the engine', () => {
  it('a container that somebody removes is a lost process, and what it wrote is kept', async () => {
    const id = await started();
    const containerId = containerOf(server, id);
    await docker.getContainer(containerId).remove({ force: true });
    expect(await api.ended(id)).toMatchObject({ status: 'failed', exit_code: null, failure: { kind: 'lost' }, stdout: 'up\n', output_complete: false });
  });

  it('an image that is missing is a failed start that says what to do', async () => {
    await using place = await createPlace();
    const engine = createDockerEngine({ docker, instance: server.instance, imageReference: (image) => `coracle-nowhere/${image}:latest` });
    const record = await untilOver(place, await startServer(place, { engine }).submit());
    const failure = { kind: 'start', message: expect.stringMatching(/image of this language is missing.*npm run setup.*\.$/) };
    expect(record).toMatchObject({ status: 'failed', failure, exitCode: null, startedAt: null });
  });
});

describe('retention', () => {
  it('keeps the newest, as many as configured, and nothing else of the others', async () => {
    await using small = await openServer({ CORACLE_RETENTION_COUNT: '3', CORACLE_SWEEP_SECONDS: '0.2' });
    const tenant = await apiOf(small);
    const running = await tenant.submit(FOREVER);
    const ended: string[] = [];
    for (let index = 0; index < 5; index += 1) ended.push((await tenant.run({ language: 'bash', code: `echo ${index}` })).process_id);
    const kept = [running, ...ended.slice(-3)].toSorted();
    await until(async () => (await readdir(join(small.dataDir, 'output'))).length === kept.length, 'the spools of the oldest to be removed');
    expect((await readdir(join(small.dataDir, 'output'))).toSorted()).toEqual(kept);
    expect((await tenant.list()).map(({ process_id }) => process_id).toSorted()).toEqual(kept);
    expect(await tenant.get(running)).toMatchObject({ status: 'running' });
    expect(await tenant.kill(running)).toMatchObject({ status: 200 });
    await until(async () => (await containersOf(small.instance)).length === 0, 'the containers to be removed');
  });
});
