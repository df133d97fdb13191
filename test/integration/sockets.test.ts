import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Api, apiOf } from '../support/api.ts';
import { containersOf } from '../support/docker.ts';
import { openServer, type TestServer } from '../support/server.ts';
import { openSocket, type TestSocket } from '../support/socket.ts';
import { until } from '../support/until.ts';

let server: TestServer;
let api: Api;

beforeAll(async () => {
  server = await openServer({ CORACLE_POOL: 'false' });
  api = await apiOf(server);
});
afterAll(() => server[Symbol.asyncDispose]());

const textOf = ({ messages }: TestSocket, type: string) =>
  messages
    .filter((message) => message.type === type)
    .map(({ data }) => data)
    .join('');

async function execute(message: object): Promise<TestSocket> {
  const socket = await openSocket(server, api, '/execute/stream');
  socket.send({ type: 'execute', ...message });
  return socket;
}

const isComplete = ({ type }: { type?: string }) => type === 'complete';

describe('/execute/stream', () => {
  it('tells the output as it comes, then the result, and last that it is complete', async () => {
    await using socket = await execute({ code: 'print("one", flush=True)\nimport sys, time\ntime.sleep(.5)\nprint("twö", file=sys.stderr)\n6 * 7' });
    await socket.got(({ type }) => type === 'stdout');
    expect(socket.messages.some(({ type }) => type === 'result')).toBe(false);
    await socket.got(isComplete);
    expect(textOf(socket, 'stdout')).toBe('one\n');
    expect(textOf(socket, 'stderr')).toBe('twö\n');
    const [result, complete] = socket.messages.slice(-2);
    expect(result).toMatchObject({
      type: 'result',
      success: true,
      exit_code: 0,
      result: '42',
      execution_time: expect.any(Number),
      timestamp: expect.any(String),
    });
    expect(complete).toEqual({ type: 'complete', success: true });
  });

  it('is whole and in order however much there is', async () => {
    await using socket = await execute({ code: 'for i in $(seq 1 20000); do echo "line $i é"; done; exit 3', language: 'bash' });
    await socket.got(isComplete);
    expect(textOf(socket, 'stdout')).toBe(Array.from({ length: 20_000 }, (_, index) => `line ${index + 1} é\n`).join(''));
    expect(socket.messages.at(-2)).toMatchObject({ type: 'result', success: false, exit_code: 3 });
    expect(socket.messages.at(-1)).toEqual({ type: 'complete', success: false });
  });

  it.each([
    ['no JSON', 'nonsense'],
    ['no code', { type: 'execute' }],
    ['another type', { type: 'run', code: '1' }],
    ['an unknown language', { type: 'execute', code: '1', language: 'cobol' }],
  ])('%s is an error, and complete', async (_title, message) => {
    await using socket = await openSocket(server, api, '/execute/stream');
    socket.send(message);
    await socket.got(isComplete);
    expect(socket.messages).toEqual([
      expect.objectContaining({ type: 'error', code: 'INVALID_REQUEST', error: expect.any(String) }),
      { type: 'complete', success: false },
    ]);
  });

  it('a client that leaves has its process stopped, and the record says so', async () => {
    const socket = await execute({ code: 'echo here; sleep 100', language: 'bash' });
    await socket.got(({ type }) => type === 'stdout');
    socket.leave();
    const stopped = await until(async () => (await api.list()).find(({ failure }) => failure?.kind === 'abandoned'), 'the process to be stopped');
    expect(stopped).toMatchObject({ status: 'failed', stdout: 'here\n' });
  });
});

describe('/files/watch', () => {
  /** Changes are told from then on. */
  async function watchWorkspace(): Promise<TestSocket> {
    const socket = await openSocket(server, api, '/files/watch');
    socket.send({ action: 'watch', path: '/workspace' });
    await until(async () => {
      await api.call('POST', '/files/write', { path: '/workspace/first', content: String(Math.random()) });
      return socket.messages.length > 0;
    }, 'the watch to begin');
    return socket;
  }

  it('tells every change of a file, by calls and by processes', async () => {
    await using socket = await watchWorkspace();
    await api.call('POST', '/files/write', { path: '/workspace/by-call', content: '1' });
    await api.call('POST', '/files/write', { path: '/workspace/by-call', content: '2' });
    await api.run({ code: 'echo x > by-process; mv by-process moved; rm by-call', language: 'bash' });
    const told = (event: string, path: string) => socket.got((message) => message['event'] === event && message['path'] === path);
    expect(await told('created', '/workspace/by-call')).toMatchObject({ type: 'change', timestamp: expect.any(String) });
    await told('modified', '/workspace/by-call');
    await told('created', '/workspace/by-process');
    expect(await told('renamed', '/workspace/moved')).toMatchObject({ old_path: '/workspace/by-process' });
    await told('deleted', '/workspace/by-call');
    expect(JSON.stringify(socket.messages)).not.toContain('.coracle-');
  });

  it('tells what is in a new folder, each thing once, however soon it was put there', async () => {
    await using socket = await watchWorkspace();
    await api.run({ code: 'for i in {1..20}; do mkdir -p new/$i/deep; echo x > new/$i/deep/file; echo y > new/$i/other; done', language: 'bash' });
    const wanted = Array.from({ length: 20 }, (_, index) => [`${index + 1}`, `${index + 1}/deep`, `${index + 1}/deep/file`, `${index + 1}/other`]).flat();
    const created = () => socket.messages.filter(({ event }) => event === 'created').map(({ path }) => String(path));
    const told = () => created().filter((path) => path.startsWith('/workspace/new/'));
    await until(() => told().length >= wanted.length, 'what is in the new folder');
    expect(told().sort()).toEqual(wanted.map((path) => `/workspace/new/${path}`).sort());
  });

  it('outside of the sandbox is an error', async () => {
    await using socket = await openSocket(server, api, '/files/watch');
    socket.send({ action: 'watch', path: '/etc' });
    expect(await socket.got(({ type }) => type === 'error')).toMatchObject({ code: 'PATH_NOT_ALLOWED' });
    socket.send({ action: 'watch', path: '/workspace/none' });
    expect(await socket.got(({ code }) => code === 'FILE_NOT_FOUND')).toBeDefined();
  });
});

describe('/terminal', () => {
  it('is a shell in a terminal of the size that is asked for', async () => {
    await using socket = await openSocket(server, api, '/terminal');
    socket.send({ type: 'resize', cols: 123, rows: 45 });
    socket.send({ type: 'input', data: 'test -t 0 && stty size; pwd; echo "gr\u00fc\u00df" $((6*7))\n' });
    await until(() => textOf(socket, 'output').includes('grüß 42'), 'the shell to answer');
    expect(textOf(socket, 'output')).toMatch(/45 123\r\n\/workspace\r\n/);
    socket.send({ type: 'resize', cols: 80, rows: 24 });
    socket.send({ type: 'input', data: 'stty size; cat\n' });
    await until(() => textOf(socket, 'output').includes('24 80'), 'the new size');
    socket.send({ type: 'input', data: 'said\n' });
    await until(() => textOf(socket, 'output').split('said').length > 2, 'cat to say it too');
    socket.send({ type: 'input', data: '\u0003' });
    // What is typed before the prompt is back goes with what was interrupted.
    await until(() => /\^C.*\$ $/s.test(textOf(socket, 'output')), 'the prompt');
    socket.send({ type: 'input', data: 'exit 7\n' });
    expect(await socket.got(({ type }) => type === 'exit')).toEqual({ type: 'exit', code: 7 });
  });

  it('says what it does not understand, and goes on', async () => {
    await using socket = await openSocket(server, api, '/terminal');
    socket.send({ type: 'resize', cols: 0, rows: 1e9 });
    expect(await socket.got(({ type }) => type === 'error')).toMatchObject({ code: 'INVALID_REQUEST' });
    socket.send({ type: 'input', data: 'echo on\n' });
    await until(() => textOf(socket, 'output').includes('on\r\n'), 'the shell');
  });
});

describe('connections', () => {
  it.each(['/execute/stream', '/files/watch', '/terminal'])('%s wants a token, and an upgrade', async (path) => {
    await expect(openSocket(server, undefined, path)).rejects.toThrow('401');
    const plain = await fetch(server.url + path, { headers: { Authorization: `Bearer ${api.token}` } });
    expect(plain.status).toBe(426);
    expect(await plain.json()).toMatchObject({ code: 'INVALID_REQUEST' });
  });

  it('that end leave no container', async () => {
    const sockets = [await openSocket(server, api, '/terminal'), await openSocket(server, api, '/files/watch')];
    sockets[1]?.send({ action: 'watch', path: '/workspace' });
    await until(async () => (await containersOf(server.instance)).length >= 2, 'both containers');
    for (const socket of sockets) socket.leave();
    await until(async () => (await containersOf(server.instance)).length === 0, 'both to be gone');
  });

  it('are as many as a tenant may have terminals', async () => {
    const many = await Promise.all(Array.from({ length: 5 }, () => openSocket(server, api, '/terminal')));
    const refused = await until(() => many.flatMap(({ messages }) => messages).find(({ type }) => type === 'error'), 'one to be refused');
    expect(refused).toMatchObject({ code: 'RESOURCE_LIMIT_ERROR' });
    for (const socket of many) socket.leave();
  });
});

it('a server that shuts down closes its connections, and the next one removes what they had', async () => {
  const first = await openServer({ CORACLE_POOL: 'false' });
  const caller = await apiOf(first);
  const terminal = await openSocket(first, caller, '/terminal');
  const watching = await openSocket(first, caller, '/files/watch');
  watching.send({ action: 'watch', path: '/workspace' });
  const stream = await openSocket(first, caller, '/execute/stream');
  stream.send({ type: 'execute', code: 'echo here; sleep 5; echo on', language: 'bash' });
  await stream.got(({ type }) => type === 'stdout');
  await terminal.got(({ type }) => type === 'output');
  await until(async () => (await containersOf(first.instance)).length === 3, 'all three containers');
  await first.close();
  await Promise.all([terminal.closed, watching.closed, stream.closed]);
  await using second = await openServer({ CORACLE_POOL: 'false', CORACLE_DATA_DIR: first.dataDir });
  const [process] = await (await apiOf(second)).list();
  expect(await (await apiOf(second)).ended(process?.process_id ?? '')).toMatchObject({ status: 'completed', stdout: 'here\non\n' });
  await until(async () => (await containersOf(first.instance)).length === 0, 'the containers to be gone');
});
