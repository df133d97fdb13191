import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { apiOf } from '../support/api.ts';
import { containersOf, workspacesOf } from '../support/docker.ts';
import { openServer } from '../support/server.ts';
import { until } from '../support/until.ts';

describe('admission', () => {
  it('50 processes at once all end right, never more at a time than configured, and nothing of them is left', async () => {
    await using server = await openServer({ CORACLE_MAX_CONTAINERS: '3' });
    const api = await apiOf(server);
    const ids = await Promise.all(Array.from({ length: 50 }, (_, index) => api.submit({ language: 'bash', code: `echo ${index}; exit $((${index} % 2))` })));
    let most = 0;
    await until(async () => {
      most = Math.max(most, (await containersOf(server.instance)).length);
      return (await api.list()).every(({ status }) => status === 'completed' || status === 'failed');
    }, 'the end of all');
    const processes = await Promise.all(ids.map((id) => api.get(id)));
    expect(processes.map(({ stdout, exit_code }) => [stdout, exit_code])).toEqual(ids.map((_, index) => [`${index}\n`, index % 2]));
    expect(most).toBeLessThanOrEqual(3);
    expect(most).toBeGreaterThan(0);
    await until(async () => (await containersOf(server.instance)).length === 0, 'the containers to be removed');
    expect(await workspacesOf(server.instance)).toHaveLength(1);
    expect((await readdir(join(server.dataDir, 'output'))).sort()).toEqual([...ids].sort());
  });

  it('a full queue refuses with 429 and when to come back, and takes more when there is room', async () => {
    await using server = await openServer({ CORACLE_MAX_CONTAINERS: '1', CORACLE_MAX_QUEUED: '1' });
    const api = await apiOf(server);
    const body = { language: 'bash', code: 'sleep 60' };
    const running = await api.submit(body);
    await until(async () => (await api.get(running)).status === 'running', 'the first to run');
    const queued = await api.submit(body);
    const refused = await api.call('POST', '/execute/background', body);
    expect(refused).toMatchObject({ status: 429, body: { code: 'RESOURCE_LIMIT_ERROR' } });
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(await api.list()).toHaveLength(2);
    await api.kill(queued);
    await api.kill(await api.submit(body));
    await api.kill(running);
  });

  it('tenants take turns: one process of a second tenant does not wait for the whole queue of the first', async () => {
    await using server = await openServer({ CORACLE_MAX_CONTAINERS: '1' });
    const [greedy, modest] = [await apiOf(server, 'greedy'), await apiOf(server, 'modest')];
    const blocker = await greedy.submit({ language: 'bash', code: 'sleep 600' });
    const flood: string[] = [];
    for (let index = 0; index < 10; index += 1) flood.push(await greedy.submit({ language: 'bash', code: 'true' }));
    const single = await modest.submit({ language: 'bash', code: 'true' });
    await greedy.kill(blocker);
    const startOf = ({ started_at }: { started_at: string | null }) => Date.parse(started_at ?? '');
    const starts = (await Promise.all(flood.map((id) => greedy.ended(id)))).map(startOf);
    expect(starts).toEqual(starts.toSorted((a, b) => a - b));
    const singleStart = startOf(await modest.ended(single));
    expect(starts.filter((start) => start < singleStart).length).toBeLessThanOrEqual(1);
  });
});
