import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Api, apiOf } from '../support/api.ts';
import { openServer, type TestServer } from '../support/server.ts';
import { until } from '../support/until.ts';

let server: TestServer;
let api: Api;

beforeAll(async () => {
  server = await openServer();
  api = await apiOf(server);
});
afterAll(() => server[Symbol.asyncDispose]());

const OPEN = { data: '', close: false };
const send = (id: string, body: object) => api.call('POST', `/execute/processes/${id}/stdin`, body);
const signal = (id: string, name: string) => api.call('POST', `/execute/processes/${id}/signal`, { signal: name });
const prints = (id: string, text: string) => until(async () => (await api.get(id)).stdout === text, `${id} to print ${JSON.stringify(text)}`);

describe('standard input', () => {
  it('is read as it is sent, and ends when it is said', async () => {
    const id = await api.submit({ language: 'bash', code: 'while read -r line; do echo "got $line"; done; echo end', stdin: { data: 'a\n', close: false } });
    expect(await send(id, { data: 'b\n' })).toMatchObject({ status: 200, body: { process_id: id, bytes: 2, closed: false } });
    await prints(id, 'got a\ngot b\n');
    expect(await send(id, { data: Buffer.from('c\n').toString('base64'), encoding: 'base64', close: true })).toMatchObject({
      body: { bytes: 2, closed: true },
    });
    expect(await api.ended(id)).toMatchObject({ status: 'completed', stdout: 'got a\ngot b\ngot c\nend\n' });
    expect(await send(id, { data: 'd' })).toMatchObject({ status: 409, body: { code: 'CONFLICT' } });
  });

  it('carries any bytes, many of them', async () => {
    const id = await api.submit({ language: 'bash', code: 'sha256sum', stdin: OPEN });
    const { createHash, randomBytes } = await import('node:crypto');
    const hash = createHash('sha256');
    for (let index = 0; index < 8; index += 1) {
      const data = randomBytes(300_000);
      hash.update(data);
      expect(await send(id, { data: data.toString('base64'), encoding: 'base64' })).toMatchObject({ status: 200 });
    }
    await send(id, { close: true });
    expect((await api.ended(id)).stdout).toBe(`${hash.digest('hex')}  -\n`);
  });

  it('is closed unless the request left it open, and is nobody else’s', async () => {
    const id = await api.submit({ language: 'bash', code: 'sleep 60' });
    expect(await send(id, { data: 'x' })).toMatchObject({ status: 409, body: { message: expect.stringContaining('"close": false') } });
    expect(await send('proc_x', { data: 'x' })).toMatchObject({ status: 404 });
    expect(await (await apiOf(server, 'globex')).call('POST', `/execute/processes/${id}/stdin`, { data: 'x' })).toMatchObject({ status: 404 });
    expect(await send(id, { data: 5 })).toMatchObject({ status: 400 });
    await api.kill(id);
  });

  it('of a program that reads nothing holds up neither a kill nor the shutdown', async () => {
    const id = await api.submit({ language: 'bash', code: 'sleep 60', stdin: OPEN });
    const sent = send(id, { data: 'x'.repeat(3_000_000) });
    const more = Promise.all([send(id, { data: 'x'.repeat(3_000_000) }), send(id, { data: 'x'.repeat(3_000_000) })]);
    await until(async () => (await api.get(id)).status === 'running', 'it to run');
    expect(await api.kill(id)).toMatchObject({ status: 200 });
    for (const { status } of [await sent, ...(await more)]) expect([200, 409, 429, 503]).toContain(status);
  });
});

describe('signals', () => {
  it.each(['INT', 'TERM', 'HUP', 'USR1', 'USR2'])('%s reaches the program', async (name) => {
    const id = await api.submit({ language: 'bash', code: `trap 'echo got ${name}; exit 3' ${name}; echo up; while :; do sleep 0.05; done` });
    await prints(id, 'up\n');
    expect(await signal(id, name)).toMatchObject({ status: 200, body: { process_id: id, signal: `SIG${name}` } });
    expect(await api.ended(id)).toMatchObject({ status: 'failed', exit_code: 3, stdout: `up\ngot ${name}\n`, failure: { kind: 'exit' } });
  });

  it('KILL ends everything, as the program’s own end', async () => {
    const id = await api.submit({ language: 'bash', code: "trap '' TERM; echo up; sleep 60 & wait" });
    await prints(id, 'up\n');
    expect(await signal(id, 'sigkill')).toMatchObject({ status: 200 });
    expect(await api.ended(id)).toMatchObject({ status: 'failed', exit_code: 137, failure: { kind: 'signal' } });
    expect(await signal(id, 'TERM')).toMatchObject({ status: 409 });
  });

  it('STOP freezes it and CONT lets it go on; a frozen one can be killed', async () => {
    const id = await api.submit({ language: 'bash', code: 'while :; do echo x; sleep 0.02; done' });
    await until(async () => (await api.get(id)).stdout_bytes > 4, 'its first lines');
    expect(await signal(id, 'STOP')).toMatchObject({ status: 200 });
    expect(await signal(id, 'STOP')).toMatchObject({ status: 200 });
    const frozen = (await api.get(id)).stdout_bytes;
    await new Promise((resolve) => setTimeout(resolve, 300));
    const still = (await api.get(id)).stdout_bytes;
    expect(still - frozen).toBeLessThan(10);
    expect(await signal(id, 'CONT')).toMatchObject({ status: 200 });
    await until(async () => (await api.get(id)).stdout_bytes > still, 'it to go on');
    await signal(id, 'STOP');
    expect(await api.kill(id)).toMatchObject({ status: 200, body: { status: 'killed' } });
  });

  it('what is none is refused', async () => {
    const id = await api.submit({ language: 'bash', code: 'true' });
    await api.ended(id);
    for (const name of ['', 'SEGV', '9', 'SIG', '*']) expect(await signal(id, name)).toMatchObject({ status: 400, body: { code: 'INVALID_REQUEST' } });
    expect(await signal('proc_x', 'TERM')).toMatchObject({ status: 404 });
  });
});

describe('kill', () => {
  const TRAPS = "trap 'echo got INT; exit 0' INT; trap '' TERM; echo up; while :; do sleep 0.05; done";

  it('takes a signal and a grace', async () => {
    const heeds = await api.submit({ language: 'bash', code: TRAPS });
    await prints(heeds, 'up\n');
    expect(await api.call('POST', `/execute/kill/${heeds}`, { signal: 'INT', grace_seconds: 30 })).toMatchObject({ status: 200, body: { status: 'killed' } });
    expect(await api.get(heeds)).toMatchObject({ status: 'killed', stdout: 'up\ngot INT\n' });
    const ignores = await api.submit({ language: 'bash', code: TRAPS });
    await prints(ignores, 'up\n');
    const began = Date.now();
    expect(await api.call('DELETE', `/execute/kill?process_id=${ignores}&signal=KILL&grace_seconds=60`)).toMatchObject({ status: 200 });
    expect(Date.now() - began).toBeLessThan(30_000);
    expect(await api.get(ignores)).toMatchObject({ status: 'killed', stdout: 'up\n' });
  });

  it('stops all of a name, or of the sandbox, and says which', async () => {
    const own = await apiOf(server, 'acme', 'many');
    const ids = await Promise.all(['a', 'a', 'b'].map((name) => own.submit({ language: 'bash', code: 'echo up; sleep 60', name })));
    const other = await apiOf(server, 'acme', 'bystander');
    const stays = await other.submit({ language: 'bash', code: 'sleep 60', name: 'a' });
    const named = await own.call<{ stopped: { process_id: string; status: string }[]; count: number }>('DELETE', '/execute/kill', { name: 'a' });
    expect(named.body.count).toBe(2);
    expect(named.body.stopped.map(({ process_id }) => process_id).toSorted()).toEqual(ids.slice(0, 2).toSorted());
    for (const { process_id } of named.body.stopped) expect((await own.get(process_id)).status).toBe('killed');
    expect(await own.call('DELETE', '/execute/kill?all=true')).toMatchObject({
      status: 200,
      body: { count: 1, stopped: [{ process_id: ids[2], name: 'b', status: 'killed' }] },
    });
    expect(await own.call('DELETE', '/execute/kill', { all: true })).toMatchObject({ status: 200, body: { count: 0, stopped: [] } });
    expect((await other.get(stays)).status).not.toBe('killed');
    await other.kill(stays);
  });

  it.each([{}, { all: false }, { process_id: 'proc_x', all: true }, { name: 'a', all: true }, { all: true, signal: 'SEGV' }, { all: true, grace_seconds: -1 }])(
    'refuses %j',
    async (body) => {
      expect((await api.call('DELETE', '/execute/kill', body)).status).toBe(400);
    },
  );
});
