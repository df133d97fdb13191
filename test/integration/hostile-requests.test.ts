import { Agent, request as httpRequest } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { errorSchema } from '../../src/http/schemas/common.ts';
import { type Api, apiOf } from '../support/api.ts';
import { openServer, type TestServer } from '../support/server.ts';
import { until } from '../support/until.ts';

/** What comes over the wire against a whole server: bad tokens, slow clients and smuggling have tests of their own. */
let server: TestServer;
let api: Api;

beforeAll(async () => {
  server = await openServer({ CORACLE_MAX_CONTAINERS: '2', CORACLE_MAX_QUEUED: '50' });
  api = await apiOf(server);
});
afterAll(() => server[Symbol.asyncDispose]());

const json = { 'Content-Type': 'application/json' };

async function post(body: string | Buffer, path = '/execute/background') {
  const response = await fetch(server.url + path, { method: 'POST', body, headers: { ...json, Authorization: `Bearer ${api.token}` } });
  return { status: response.status, body: await response.json() };
}

const mib = 1024 * 1024;
const withCode = (members: string) => `{"code":"true","language":"bash",${members}}`;

describe('is refused, in words, and nothing of it runs', () => {
  it.each<[string, string | Buffer, number]>([
    ['a body of 9 MiB', JSON.stringify({ code: 'x'.repeat(9 * mib) }), 413],
    ['code of a byte over 1 MiB', JSON.stringify({ code: 'x'.repeat(mib + 1) }), 400],
    ['no body', '', 400],
    ['an empty object', '{}', 400],
    ['empty code', '{"code":""}', 400],
    ['NUL in code', '{"code":"a\\u0000b"}', 400],
    ['a raw NUL', Buffer.from('{"code":"a\0b"}'), 400],
    ['invalid UTF-8', Buffer.from([...Buffer.from('{"code":"'), 0xc0, 0xaf, ...Buffer.from('"}')]), 400],
    ['half of a surrogate pair', '{"code":"\\ud800"}', 400],
    ['a byte order mark', Buffer.from('\ufeff{"code":'), 400],
    ['__proto__ in env', withCode('"env":{"__proto__":"x"}'), 400],
    ['a prototype for everything', '{"__proto__":{"code":"true"}}', 400],
    ['a constructor', '{"constructor":{"prototype":{"code":"true"}}}', 400],
    ['a time-out of 1e400', withCode('"timeout":1e400'), 400],
    ['a time-out of -1', withCode('"timeout":-1'), 400],
    ['a time-out of 0', withCode('"timeout":0'), 400],
    ['a time-out of 1.5', withCode('"timeout":1.5'), 400],
    ['a time-out of "5"', withCode('"timeout":"5"'), 400],
    ['a time-out of true', withCode('"timeout":true'), 400],
    ['a time-out of a day and a second', withCode('"timeout":86401'), 400],
    ['half a million variables', withCode(`"env":{${Array.from({ length: 500_000 }, (_, index) => `"${index}":""`).join()}}`), 400],
    ['a variable with =', withCode('"env":{"A=B":"1"}'), 400],
    ['a variable without a name', withCode('"env":{"":"1"}'), 400],
    ['a variable of 128 KiB', withCode(`"env":{"A":"${'x'.repeat(128 * 1024)}"}`), 400],
    ['a variable that is a list', withCode('"env":{"A":["1"]}'), 400],
    ['the directory ../etc', withCode('"working_dir":"../etc"'), 400],
    ['the directory /workspace/../etc', withCode('"working_dir":"/workspace/../etc"'), 400],
    ['the directory ;$(id)', withCode('"working_dir":";$(id)"'), 400],
    ['a directory with a line end', withCode('"working_dir":"/tmp/a\\nb"'), 400],
    ['a name with a line end', withCode('"name":"a\\nb"'), 400],
    ['a name with marks that turn text around', withCode('"name":"a\\u202eb"'), 400],
    ['a name of 129 characters', withCode(`"name":"${'x'.repeat(129)}"`), 400],
    ['the language __proto__', '{"code":"true","language":"__proto__"}', 400],
    ['the language constructor', '{"code":"true","language":"constructor"}', 400],
    ['the language ../bash', '{"code":"true","language":"../bash"}', 400],
    ['memory of a negative size', withCode('"limits":{"memory_mb":-1}'), 400],
    ['CPUs of 1e400', withCode('"limits":{"cpus":1e400}'), 400],
    ['a runtime that nobody offers', withCode('"runtime":"/usr/bin/evil"'), 400],
  ])('%s', async (_title, body, status) => {
    const answer = await post(body);
    expect(answer).toMatchObject({ status, body: errorSchema.parse(answer.body) });
    expect(JSON.stringify(answer.body).length).toBeLessThan(10_000);
    expect(await api.list()).toEqual([]);
  });

  it.each(['*', '%', '123', 'pro', 'proc_', 'proc_*', '%25', '../proc_', "' OR 1=1 --", 'x'.repeat(200)])('a kill of %s', async (id) => {
    const victim = await api.submit({ code: 'sleep 600', language: 'bash' });
    await until(async () => (await api.get(victim)).status === 'running', 'the victim to run');
    for (const wanted of [id, victim.slice(0, 8), victim.slice(0, -1), `${victim} `, victim.toUpperCase()]) {
      const byBody = await api.kill(wanted);
      const byPath = await api.call('POST', `/execute/kill/${encodeURIComponent(wanted)}`);
      for (const { status } of [byBody, byPath]) expect([400, 404]).toContain(status);
    }
    expect((await api.get(victim)).status).toBe('running');
    await api.kill(victim);
    await api.call('DELETE', `/execute/processes/${victim}`);
  });
});

describe('is taken for what it is', () => {
  it.each<[string, Record<string, unknown>, string]>([
    ['a value with line ends and quotes', { code: 'printf %s "$A"', env: { A: 'a\n"b"\'$(id)`id`' } }, 'a\n"b"\'$(id)`id`'],
    ['a variable named constructor', { code: 'printenv constructor', env: { constructor: 'x' } }, 'x\n'],
    ['a variable of 120 KiB', { code: 'printf %s "$A" | wc -c', env: { A: 'x'.repeat(120 * 1024) } }, '122880\n'],
    ['a directory that is a command', { code: 'pwd', working_dir: '/tmp/;$(id)' }, '/tmp/;$(id)\n'],
    ['a name of HTML', { code: 'echo ok', name: '<script>alert(1)</script>' }, 'ok\n'],
    ['fields of the engine', { code: 'id -u | cut -c1', image: 'root', HostConfig: { Privileged: true }, privileged: true, User: '0' }, '2\n'],
    ['the same member twice: the last one counts', JSON.parse('{"code":"echo first","code":"echo last"}'), 'last\n'],
  ])('%s', async (_title, body, stdout) => {
    const process = await api.run({ language: 'bash', ...body });
    expect(process).toMatchObject({ status: 'completed', stdout, ...('name' in body ? { name: body['name'] } : {}) });
  });

  it('a directory in /proc, which a process cannot make its own', async () => {
    const process = await api.run({ language: 'bash', code: 'pwd', working_dir: '/proc/self/fd/7' });
    expect(process.status).toBe('failed');
    expect(process.stdout).toBe('');
  });
});

describe('many at once', () => {
  it('ten thousand submissions get 200 or 429 each, and the server goes on', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1_000 });
    const { hostname, port } = new URL(server.url);
    const body = '{"code":"sleep 600","language":"bash"}';
    const headers = { ...json, Authorization: `Bearer ${api.token}`, 'Content-Length': body.length };
    const submit = () =>
      new Promise<number>((resolve, reject) => {
        const request = httpRequest({ hostname, port, agent, method: 'POST', path: '/execute/background', headers }, (response) => {
          response.resume().on('end', () => resolve(response.statusCode ?? 0));
        });
        request.on('error', reject).end(body);
      });
    const statuses = await Promise.all(Array.from({ length: 10_000 }, submit));
    agent.destroy();
    const count = (status: number) => statuses.filter((one) => one === status).length;
    expect(count(200) + count(429)).toBe(10_000);
    expect(count(200)).toBeLessThanOrEqual(52);
    const other = await apiOf(server, 'other');
    const modest = await other.submit({ code: 'echo hello', language: 'bash' });
    for (const { process_id } of await api.list()) await api.kill(process_id);
    expect((await other.ended(modest)).stdout).toBe('hello\n');
  });
});
