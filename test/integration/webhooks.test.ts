import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { asyncReply } from '../../src/http/schemas/async.ts';
import { processDetailSchema } from '../../src/http/schemas/processes.ts';
import { createSend } from '../../src/webhooks/send.ts';
import { type Api, apiOf } from '../support/api.ts';
import { openReceiver } from '../support/receiver.ts';
import { openServer, type TestServer } from '../support/server.ts';
import { until } from '../support/until.ts';

const PRIVATE = { CORACLE_WEBHOOK_ALLOW_PRIVATE: 'true' };
let server: TestServer;
let api: Api;

beforeAll(async () => {
  server = await openServer(PRIVATE);
  api = await apiOf(server);
});
afterAll(() => server[Symbol.asyncDispose]());

interface Webhook {
  state: string;
  attempts: number;
  last_status: number | null;
  last_error: string | null;
  next_attempt_at: string | null;
}

/** Answers the process id. */
async function runAsync(callback_url: string, more: object = {}, caller = api): Promise<string> {
  const { status, body } = await caller.call<{ process_id: string }>('POST', '/execute/async', { code: 'echo hi', language: 'bash', callback_url, ...more });
  expect({ status, body }).toMatchObject({ status: 200, body: { status: 'queued', callback_url } });
  return asyncReply.parse(body).process_id;
}

async function webhookOf(id: string, caller = api): Promise<Webhook> {
  const { body } = await caller.call<{ webhook: Webhook }>('GET', `/execute/processes/${id}`);
  return processDetailSchema.parse(body).webhook as Webhook;
}

test('the result is posted, signed, with the headers of the caller', async () => {
  await using receiver = await openReceiver();
  const id = await runAsync(`${receiver.url}/hook?a=1`, {
    code: 'echo out; echo err >&2; exit 3',
    callback_headers: { Authorization: 'Bearer mine' },
    callback_signature_secret: 'key',
  });
  const [call] = await receiver.got(1);
  const { headers, text, path } = call as NonNullable<typeof call>;
  expect(path).toBe('/hook?a=1');
  expect(JSON.parse(text)).toMatchObject({ process_id: id, status: 'failed', success: false, stdout: 'out\n', stderr: 'err\n', exit_code: 3 });
  expect(headers).toMatchObject({ authorization: 'Bearer mine', 'content-type': 'application/json' });
  expect(headers['x-hopx-signature']).toBe(`sha256=${createHmac('sha256', 'key').update(`${headers['x-hopx-timestamp']}${text}`).digest('hex')}`);
  await until(async () => (await webhookOf(id)).state === 'delivered', 'the delivery to be on record');
  expect(await webhookOf(id)).toMatchObject({ attempts: 1, last_status: 200, last_error: null, next_attempt_at: null });
  expect(JSON.stringify(await api.get(id))).not.toMatch(/"key"|Bearer mine/);
});

test('a time-out is told as one', async () => {
  await using receiver = await openReceiver();
  await runAsync(receiver.url, { code: 'sleep 60', timeout: 1 });
  const [call] = await receiver.got(1);
  expect(JSON.parse(call?.text ?? '')).toMatchObject({ status: 'timeout', success: false, error: expect.stringContaining('1 s') });
});

test('an answer that is not 2xx is followed by another attempt', async () => {
  await using receiver = await openReceiver((response, count) => void response.writeHead(count === 1 ? 500 : 200).end());
  const id = await runAsync(receiver.url);
  await receiver.got(1);
  await until(async () => (await webhookOf(id)).attempts === 1, 'the attempt to be on record');
  expect(await webhookOf(id)).toMatchObject({ state: 'pending', last_status: 500, next_attempt_at: expect.any(String) });
  await receiver.got(2);
  await until(async () => (await webhookOf(id)).state === 'delivered', 'the delivery');
});

test('a redirect is not followed', async () => {
  await using target = await openReceiver();
  await using receiver = await openReceiver((response) => void response.writeHead(307, { Location: target.url }).end());
  const id = await runAsync(receiver.url);
  await until(async () => (await webhookOf(id)).attempts === 1, 'the attempt');
  expect(await webhookOf(id)).toMatchObject({ state: 'pending', last_status: 307, last_error: expect.stringContaining('Redirects are not followed') });
  expect(target.received).toEqual([]);
});

test('what was not told before the server went away is told by the next, also when it ended meanwhile', async () => {
  const first = await openServer(PRIVATE);
  const caller = await apiOf(first);
  await using receiver = await openReceiver();
  const id = await runAsync(receiver.url, { code: 'sleep 2; echo late' }, caller);
  await until(async () => (await caller.get(id)).status === 'running', 'the process to run');
  await first.close();
  await using second = await openServer({ ...PRIVATE, CORACLE_DATA_DIR: first.dataDir });
  const [call] = await receiver.got(1);
  expect(JSON.parse(call?.text ?? '')).toMatchObject({ process_id: id, status: 'completed', stdout: 'late\n' });
  await until(async () => (await webhookOf(id, await apiOf(second))).state === 'delivered', 'the delivery');
});

test('addresses that are not public are refused unless the operator allows them', async () => {
  await using receiver = await openReceiver();
  await using strict = await openServer();
  const caller = await apiOf(strict);
  for (const callback_url of [receiver.url, 'http://[::1]/', 'http://169.254.169.254/latest', 'http://0x7f.1/']) {
    const { status, body } = await caller.call('POST', '/execute/async', { code: '1', callback_url });
    expect({ status, code: body['code'], message: body['message'] }).toMatchObject({
      status: 400,
      code: 'INVALID_REQUEST',
      message: expect.stringContaining('not public'),
    });
  }
  expect(await caller.list()).toEqual([]);
});

test('also when only the name leads there, and whatever is recorded', async () => {
  await using receiver = await openReceiver();
  const send = createSend({ allowPrivate: false });
  const message = { headers: {}, body: '{}' };
  expect(await send({ ...message, url: receiver.url })).toEqual({ problem: expect.stringContaining('not public') });
  const byName = await send({ ...message, url: receiver.url.replace('127.0.0.1', 'localhost') });
  expect(byName).toEqual({ problem: expect.any(String) });
  expect(receiver.received).toEqual([]);
});

test('a receiver that never answers, one that never ends, and none at all are over in time', async () => {
  await using silent = await openReceiver(() => undefined);
  await using endless = await openReceiver((response) => {
    response.writeHead(200);
    const timer = setInterval(() => response.write('x'.repeat(100_000)), 5);
    response.on('close', () => clearInterval(timer));
  });
  const send = createSend({ allowPrivate: true, withinMs: 1_000 });
  const to = (url: string) => send({ url, headers: {}, body: '{}' });
  expect(await to(silent.url)).toEqual({ problem: 'The receiver did not answer in time.' });
  expect(await to(endless.url)).toEqual({ status: 200 });
  const { url } = silent;
  await silent[Symbol.asyncDispose]();
  expect(await to(url)).toEqual({ problem: 'The receiver refused the connection.' });
});

test('a callback_url that is missing or bad is 400', async () => {
  for (const callback_url of [undefined, 'nonsense', 'ftp://a.example/']) {
    const { status, body } = await api.call('POST', '/execute/async', { code: '1', callback_url });
    expect({ status, message: body['message'] }).toMatchObject({ status: 400, message: expect.stringContaining('callback_url') });
  }
});
