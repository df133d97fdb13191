import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Api, apiOf } from '../support/api.ts';
import { containerOf, containersOf, docker } from '../support/docker.ts';
import { openServer, type TestServer } from '../support/server.ts';
import { until } from '../support/until.ts';

let server: TestServer;
let api: Api;

beforeAll(async () => {
  server = await openServer({ CORACLE_MAX_CONTAINERS: '2' });
  api = await apiOf(server);
});
afterAll(() => server[Symbol.asyncDispose]());

const FOREVER = { language: 'bash', code: 'echo ready; while :; do sleep 1; done' };

async function started(body: Record<string, unknown>): Promise<string> {
  const id = await api.submit(body);
  await until(async () => (await api.get(id)).stdout.includes('ready'), 'the program to be up');
  return id;
}

describe('the four calls', () => {
  const calls: [string, (id: string) => Promise<{ status: number; body: unknown }>][] = [
    ['DELETE /execute/kill with a body', (id) => api.call('DELETE', '/execute/kill', { process_id: id })],
    ['DELETE /execute/kill?process_id=', (id) => api.call('DELETE', `/execute/kill?process_id=${id}`)],
    ['POST /execute/kill/{id}', (id) => emptyPost(`/execute/kill/${id}`)],
    ['POST /processes/{id}/kill', (id) => emptyPost(`/processes/${id}/kill`)],
  ];

  /** As the SDKs send it: no body, but a JSON content type. */
  async function emptyPost(path: string) {
    const response = await fetch(server.url + path, { method: 'POST', headers: { Authorization: `Bearer ${api.token}`, 'Content-Type': 'application/json' } });
    return { status: response.status, body: await response.json() };
  }

  it.each(calls)('%s ends the process, once', async (_title, kill) => {
    const id = await started(FOREVER);
    expect(await kill(id)).toMatchObject({ status: 200, body: { process_id: id, status: 'killed', message: 'Process terminated successfully' } });
    expect(await api.get(id)).toMatchObject({ status: 'killed', failure: null, stdout: 'ready\n' });
    expect(await kill(id)).toMatchObject({ status: 404, body: { code: 'RESOURCE_NOT_FOUND' } });
  });
});

describe('what is killed is gone', () => {
  it('when the answer comes, also for a program that ignores SIGTERM and its children that left its session', async () => {
    const code = 'trap "" TERM; setsid sh -c "trap \\"\\" TERM; while :; do sleep 1; done" & echo ready; while :; do sleep 1; done';
    const id = await started({ language: 'bash', code });
    expect(await processesOf(id)).toBeGreaterThan(2);
    expect(await api.kill(id)).toMatchObject({ status: 200 });
    expect(await processesOf(id)).toBe(0);
  });

  it('when it had not started: a queued process never runs', async () => {
    const running = [await started(FOREVER), await started(FOREVER)];
    const queued = await api.submit({ language: 'bash', code: 'touch /workspace/ran' });
    expect(await api.get(queued)).toMatchObject({ status: 'queued', started_at: null });
    expect(await api.kill(queued)).toMatchObject({ status: 200, body: { status: 'killed' } });
    await Promise.all(running.map((id) => api.kill(id)));
    expect(await api.run({ language: 'bash', code: 'ls /workspace' })).toMatchObject({ stdout: '' });
    expect(await api.get(queued)).toMatchObject({ status: 'killed', started_at: null, exit_code: null });
  });

  it('when it was just starting', async () => {
    const ids = await Promise.all([api.submit(FOREVER), api.submit(FOREVER)]);
    const answers = await Promise.all(ids.map((id) => api.kill(id)));
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    await until(async () => (await containersOf(server.instance)).length === 0, 'the containers to be removed');
  });

  async function processesOf(id: string): Promise<number> {
    const top = docker.getContainer(containerOf(server, id)).top();
    return top.then(
      ({ Processes }) => Processes.length,
      () => 0,
    );
  }
});

describe('kill races', () => {
  it('two kills at once both count', async () => {
    const id = await started(FOREVER);
    const answers = await Promise.all([api.kill(id), api.kill(id)]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
  });

  it('a kill that comes with the exit answers what the record then says', async () => {
    for (let round = 0; round < 5; round += 1) {
      const id = await api.submit({ language: 'bash', code: 'exit 0' });
      await until(async () => (await api.get(id)).status !== 'queued', 'the start');
      const { status } = await api.kill(id);
      expect((await api.ended(id)).status).toBe(status === 200 ? 'killed' : 'completed');
    }
  });

  it('an unknown process and one of another tenant are not there, in the same words', async () => {
    const id = await started(FOREVER);
    const stranger = await apiOf(server, 'globex');
    const unknown = 'proc_AAAAAAAAAAAAAAAAAAAAAA';
    for (const missing of [id, unknown]) {
      expect(await stranger.kill(missing)).toMatchObject({
        status: 404,
        body: { error: 'Process not found', code: 'RESOURCE_NOT_FOUND', message: `No such process: ${missing}` },
      });
    }
    expect(await api.get(id)).toMatchObject({ status: 'running' });
    await api.kill(id);
  });

  it('a kill without an id says how to give one', async () => {
    expect(await api.call('DELETE', '/execute/kill')).toMatchObject({
      status: 400,
      body: { code: 'MISSING_PARAMETER', message: expect.stringContaining('process_id') },
    });
  });
});
