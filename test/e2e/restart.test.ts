import { describe, expect, it } from 'vitest';
import { apiOf } from '../support/api.ts';
import { buildServer } from '../support/built.ts';
import { containersOf, docker } from '../support/docker.ts';
import { until } from '../support/until.ts';

/** Numbered lines on both streams, so that a lost, doubled or swapped one shows. */
const COUNT = 'import sys, time\nfor i in range(60):\n print(i, flush=True)\n print("e", i, file=sys.stderr, flush=True)\n time.sleep(0.1)';
const EXPECTED = { stdout: Array.from({ length: 60 }, (_, i) => `${i}\n`).join(''), stderr: Array.from({ length: 60 }, (_, i) => `e ${i}\n`).join('') };

describe.each(['SIGKILL', 'SIGTERM'] as const)('a server ended by %s and started again', (signal) => {
  it('follows what runs, with every byte once, and starts what waits, in order', async () => {
    await using server = await buildServer({ CORACLE_MAX_CONTAINERS: '1' });
    const api = await apiOf(server);
    const running = await api.submit({ code: COUNT });
    const waiting = [];
    for (let index = 0; index < 3; index += 1)
      waiting.push(await api.submit({ language: 'bash', code: `echo ${index} >> /workspace/order; cat /workspace/order` }));
    await until(async () => (await api.get(running)).stdout_bytes > 10, 'the first lines');
    for (let round = 0; round < 3; round += 1) {
      expect(await server.stop(signal)).toBe(signal === 'SIGKILL' ? 'SIGKILL' : 0);
      await server.start();
      await until(async () => (await api.get(running)).stdout_bytes > 20 * (round + 1), 'more lines');
    }
    expect(await api.ended(running)).toMatchObject({ status: 'completed', exit_code: 0, ...EXPECTED, output_complete: true });
    const ended = await Promise.all(waiting.map((id) => api.ended(id)));
    expect(ended.at(-1)).toMatchObject({ status: 'completed', stdout: '0\n1\n2\n' });
    await until(async () => (await containersOf(server.instance)).length === 0, 'the containers to be removed');
  });

  it('collects what ended meanwhile, counts time-outs from the real start, and can still kill', async () => {
    await using server = await buildServer();
    const api = await apiOf(server);
    const ending = await api.submit({ language: 'bash', code: 'echo a; sleep 1; echo b; exit 7' });
    const hungry = await api.submit({ code: 'import time; time.sleep(1); x = bytearray(700 << 20); print(len(x))' });
    const slow = await api.submit({ language: 'bash', code: 'echo up; sleep 600', timeout: 4 });
    const endless = await api.submit({ language: 'bash', code: 'echo up; sleep 600' });
    const all = [ending, hungry, slow, endless];
    await until(async () => (await Promise.all(all.map((id) => api.get(id)))).every(({ status }) => status === 'running'), 'all to run');
    await server.stop(signal);
    await until(async () => (await containersOf(server.instance)).filter(({ State }) => State === 'exited').length === 2, 'two to end by themselves');
    await server.start();
    expect(await api.ended(ending)).toMatchObject({ status: 'failed', exit_code: 7, stdout: 'a\nb\n', failure: { kind: 'exit' } });
    expect(await api.ended(hungry)).toMatchObject({ status: 'failed', failure: { kind: 'oom' } });
    expect(await api.kill(endless)).toMatchObject({ status: 200 });
    const timedOut = await api.ended(slow);
    expect(timedOut).toMatchObject({ status: 'failed', timed_out: true, stdout: 'up\n' });
  });
});

describe('after a crash', () => {
  it('a record whose container is gone is lost, and says so', async () => {
    await using server = await buildServer();
    const api = await apiOf(server);
    const id = await api.submit({ language: 'bash', code: 'echo up; sleep 600' });
    await until(async () => (await api.get(id)).stdout === 'up\n', 'the program to be up');
    await server.stop('SIGKILL');
    for (const { Id } of await containersOf(server.instance)) await docker.getContainer(Id).remove({ force: true });
    await server.start();
    expect(await api.ended(id)).toMatchObject({ status: 'failed', exit_code: null, failure: { kind: 'lost' }, stdout: 'up\n', output_complete: false });
  });

  it('a second server on the same data folder refuses to start, and says why', async () => {
    await using server = await buildServer();
    const { coracle } = await import('../support/built.ts');
    const second = coracle(['serve'], { CORACLE_PORT: '0', CORACLE_DATA_DIR: server.dataDir });
    expect(await second.exit).toBe(1);
    expect(second.output()).toMatch(/^coracle: Another Coracle server uses this data folder .*CORACLE_DATA_DIR.*\n$/);
  });
});

describe('shutting down', () => {
  it('leaves running containers alone and is over within 10 s', async () => {
    await using server = await buildServer();
    const api = await apiOf(server);
    const id = await api.submit({ language: 'bash', code: 'echo up; sleep 600' });
    await until(async () => (await api.get(id)).status === 'running', 'it to run');
    expect(await server.stop('SIGTERM')).toBe(0);
    expect((await containersOf(server.instance)).map(({ State }) => State)).toEqual(['running']);
  });
});
