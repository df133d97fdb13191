import { mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Api, apiOf } from '../support/api.ts';
import { type BuiltServer, buildServer, coracle, freePort } from '../support/built.ts';
import { imageTag } from '../support/images.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { until } from '../support/until.ts';

let server: BuiltServer;
let api: Api;

beforeAll(async () => {
  server = await buildServer();
  api = await apiOf(server, 'demo');
});

afterAll(() => server[Symbol.asyncDispose]());

const here = () => ({ CORACLE_URL: server.url, CORACLE_DATA_DIR: server.dataDir });

/** Runs a command to its end, by default as the operator of the server does: without a token. */
async function cli(args: readonly string[], env: NodeJS.ProcessEnv = here()) {
  const run = coracle(args, env);
  const exit = await run.exit;
  return { exit, stdout: String(run.stdout()), stderr: run.stderr() };
}

describe('coracle ps', () => {
  it('lists the processes of the tenant demo for the operator, newest first', async () => {
    const first = await api.run({ code: 'exit 3', language: 'bash', name: 'first' });
    const second = await api.run({ code: '1', name: 'second' });
    const { exit, stdout, stderr } = await cli(['ps']);
    expect({ exit, stderr }).toEqual({ exit: 0, stderr: '' });
    const rows = stdout
      .trimEnd()
      .split('\n')
      .map((line) => line.split('\t').slice(0, 5));
    expect(rows).toEqual([
      [second.process_id, 'second', 'python', 'completed', '0'],
      [first.process_id, 'first', 'bash', 'failed', '3'],
    ]);
    expect((await cli(['ps', '-n', '1'])).stdout).toMatch(/^\S+\tsecond\t.*\n$/);
    expect(JSON.parse((await cli(['ps', '--json'])).stdout)).toMatchObject([{ name: 'second' }, { name: 'first', failure: { kind: 'exit' } }]);
    expect((await cli(['ps', '--tenant', 'other'])).stdout).toBe('');
    const names = async (...filters: string[]) =>
      (await cli(['ps', ...filters])).stdout
        .split('\n')
        .map((line) => line.split('\t')[1])
        .join(' ')
        .trim();
    expect(await names('-s', 'failed', '-s', 'killed')).toBe('first');
    expect(await names('--name', 'second', '--lang', 'py', '--since', '1h')).toBe('second');
    expect(await names('--since', '2999-01-01T00:00:00Z')).toBe('');
    expect(await cli(['ps', '-s', 'lost'])).toMatchObject({ exit: 2, stderr: expect.stringContaining('queued, running') });
  });

  it('takes a token from the environment, or with the URL from the config file', async () => {
    await using folder = await tempFolder();
    await mkdir(join(folder.path, 'coracle'));
    const token = (await apiOf(server, 'filed')).token;
    await writeFile(join(folder.path, 'coracle', 'config.json'), JSON.stringify({ url: server.url, token }));
    const filed = { XDG_CONFIG_HOME: folder.path };
    await (await apiOf(server, 'filed')).submit({ code: '1', name: 'mine' });
    expect((await cli(['ps'], filed)).stdout).toContain('\tmine\t');
    expect((await cli(['ps'], { ...filed, CORACLE_TOKEN: 'bad' })).exit).toBe(1);
    expect((await cli(['ps'], { ...filed, CORACLE_TOKEN: api.token })).stdout).not.toContain('\tmine\t');
  });

  it('says in one line what to do without a token, with a bad one, without a server', async () => {
    const noToken = await cli(['ps'], { CORACLE_URL: 'https://coracle.example' });
    expect(noToken).toMatchObject({ exit: 2, stderr: expect.stringMatching(/^coracle: no token for .*CORACLE_TOKEN.*\n$/) });
    expect(await cli(['ps', '--token', 'x'])).toMatchObject({ exit: 1, stderr: expect.stringMatching(/^coracle: .*CORACLE_TOKEN.*\n$/) });
    const nobody = await cli(['ps', '--url', `http://127.0.0.1:${await freePort()}`, '--token', 'x']);
    expect(nobody).toMatchObject({ exit: 1, stderr: expect.stringMatching(/^coracle: No answer from .*ECONNREFUSED.*CORACLE_URL.*\n$/) });
  });

  it('sends the token that the operator can make to no other machine', async () => {
    const tokens: unknown[] = [];
    const stranger = createServer((request, response) => response.end(tokens.push(request.headers.authorization))).listen(0, '0.0.0.0');
    await until(() => stranger.listening, 'the stranger to listen');
    const url = `http://0.0.0.0:${(stranger.address() as AddressInfo).port}`;
    expect((await cli(['ps'], { ...here(), CORACLE_URL: url })).exit).toBe(2);
    expect(tokens).toEqual([]);
    stranger.close();
  });
});

describe('coracle wait', () => {
  it.each([
    [{ code: 'exit 0', language: 'bash' }, 0, 'completed\n'],
    [{ code: 'exit 7', language: 'bash' }, 7, 'failed\n'],
    [{ code: 'kill -TERM $$', language: 'bash' }, 143, 'failed (signal)\n'],
    [{ code: 'sleep 60', language: 'bash', timeout: 1 }, 124, 'failed (timeout)\n'],
  ])('for %j exits with %d', async (request, exit, stdout) => {
    const id = await api.submit(request);
    expect(await cli(['wait', id])).toEqual({ exit, stdout, stderr: '' });
  });

  it('of a process that is not there fails with 125', async () => {
    expect(await cli(['wait', 'proc_none'])).toMatchObject({ exit: 125, stderr: 'coracle: No such process: proc_none\n' });
    expect(await cli(['wait'])).toMatchObject({ exit: 125, stderr: expect.stringContaining('coracle wait ID') });
  });
});

describe('coracle kill', () => {
  it('ends processes, and says which', async () => {
    const ids = [await api.submit({ code: 'sleep 60', language: 'bash' }), await api.submit({ code: 'sleep 60', language: 'bash' })];
    expect(await cli(['kill', ...ids])).toEqual({ exit: 0, stdout: ids.map((id) => `${id}\n`).join(''), stderr: '' });
    expect(await api.get(ids[1] ?? '')).toMatchObject({ status: 'killed' });
    expect(await cli(['kill', ids[0] ?? ''])).toMatchObject({ exit: 1, stderr: expect.stringMatching(/already ended/) });
  });

  it('ends all of a name, or all, as it is told', async () => {
    const code = 'trap "echo asked; exit 5" INT; echo up; while :; do sleep 0.1; done';
    const named = await api.submit({ code, language: 'bash', name: 'nightly' });
    const other = await api.submit({ code, language: 'bash' });
    await until(async () => (await api.get(named)).stdout === 'up\n', 'it to be up');
    expect(await cli(['kill', '--name', 'nightly', '--signal', 'INT', '--grace', '1m'])).toEqual({ exit: 0, stdout: `${named}\n`, stderr: '' });
    expect(await api.get(named)).toMatchObject({ status: 'killed', stdout: 'up\nasked\n' });
    expect(JSON.parse((await cli(['kill', '--all', '--json'])).stdout)).toMatchObject([{ process_id: other, status: 'killed' }]);
    expect(await cli(['kill', '--all'])).toEqual({ exit: 0, stdout: '', stderr: '' });
    expect(await cli(['kill', '--all', 'x'])).toMatchObject({ exit: 2 });
    expect(await cli(['kill', '--all', '-s', 'WINCH'])).toMatchObject({ exit: 1, stderr: expect.stringContaining('signal') });
  });
});

describe('coracle images', () => {
  it('lists the images with their state', async () => {
    const { exit, stdout } = await cli(['images', 'list'], {});
    expect(exit).toBe(0);
    expect(stdout).toMatch(new RegExp(`^coracle/python:${imageTag}\tpython\tready\t\\d+ MB$`, 'm'));
    const missing = await cli(['images', '--json'], { CORACLE_IMAGE_TAG: 'no-such-build' });
    expect(JSON.parse(missing.stdout)).toContainEqual({ image: 'coracle/bash:no-such-build', languages: ['bash'], state: 'missing', size_bytes: null });
  });

  it('builds those that are named, and does nothing for one that is ready', async () => {
    const { exit, stdout } = await cli(['images', 'build', 'bash'], {});
    expect(exit).toBe(0);
    expect(stdout).toContain('✓ language images');
    expect(stdout).not.toContain('building');
    expect(await cli(['images', 'build', 'cobol'], {})).toMatchObject({ exit: 2, stderr: expect.stringContaining('python') });
  });
});

it('a reader that leaves ends a command in silence', async () => {
  for (let count = 0; count < 3; count += 1) await api.submit({ code: 'true', language: 'bash' });
  const run = coracle(['ps'], here());
  run.child.stdout?.destroy();
  expect(await run.exit).toBe(141);
  expect(run.stderr()).toBe('');
});
