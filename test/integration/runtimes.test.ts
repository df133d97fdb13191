import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Api, apiOf } from '../support/api.ts';
import { openServer, type TestServer } from '../support/server.ts';
import { openSocket } from '../support/socket.ts';
import { until } from '../support/until.ts';

/** gVisor's kernel says so itself; the host's may not be asked. */
const KERNEL = { language: 'bash', code: 'dmesg 2>/dev/null | head -1 || true' };

describe('a server that offers a choice of runtimes', () => {
  let server: TestServer;
  let api: Api;
  beforeAll(async () => {
    server = await openServer({ CORACLE_RUNTIME: 'runc', CORACLE_RUNTIMES: 'runsc' });
    api = await apiOf(server);
  });
  afterAll(() => server[Symbol.asyncDispose]());

  it('runs a process on the kernel that it asks for', async () => {
    const ours = await api.run(KERNEL);
    const gvisor = await api.run({ ...KERNEL, runtime: 'runsc' });
    expect(gvisor).toMatchObject({ status: 'completed', runtime: 'runsc', stdout: expect.stringContaining('Starting gVisor') });
    expect(ours).toMatchObject({ status: 'completed', runtime: 'runc', stdout: expect.not.stringContaining('gVisor') });
  });

  it('gives gVisor the threads that it needs itself, and still limits memory', async () => {
    const hog = await api.run({ language: 'python', runtime: 'runsc', code: `held = []\nwhile True: held.append(b"x" * (16 << 20))` });
    expect(hog).toMatchObject({ status: 'failed', failure: { kind: 'oom' } });
    expect(await api.run({ language: 'python', runtime: 'runsc', code: 'print(len(bytearray(100 << 20)))' })).toMatchObject({ stdout: '104857600\n' });
  });

  it('refuses another one, and says what there is', async () => {
    const { status, body } = await api.call('POST', '/execute/background', { ...KERNEL, runtime: 'crun' });
    expect({ status, ...body }).toMatchObject({ status: 400, code: 'INVALID_REQUEST', message: expect.stringContaining('Use one of: runc, runsc') });
  });
});

describe('a server whose operator chose gVisor', () => {
  let server: TestServer;
  let api: Api;
  beforeAll(async () => {
    server = await openServer({ CORACLE_RUNTIME: 'runsc' });
    api = await apiOf(server);
  });
  afterAll(() => server[Symbol.asyncDispose]());

  it('runs everything on it', async () => {
    expect(await api.run(KERNEL)).toMatchObject({ runtime: 'runsc', stdout: expect.stringContaining('Starting gVisor') });
  });

  it('runs terminals on it too, where Ctrl-C ends a program', async () => {
    await using socket = await openSocket(server, api, '/terminal');
    socket.send({ type: 'input', data: 'dmesg | head -1; echo to"ld"\n' });
    const output = () => socket.messages.map(({ data }) => data ?? '').join('');
    await until(() => output().includes('told'), 'the shell to answer');
    expect(output()).toContain('Starting gVisor');
    socket.send({ type: 'input', data: 'echo be"gun"; cat\n' });
    await until(() => output().includes('begun'), 'the line to be taken');
    socket.send({ type: 'input', data: 'said\n' });
    await until(() => output().split('said').length > 2, 'the program to run');
    socket.send({ type: 'input', data: '\u0003' });
    await until(() => /\^C.*\$ $/s.test(output()), 'the prompt');
  });

  it('has terminals that end with their shell, of which gVisor tells nobody', async () => {
    await using socket = await openSocket(server, api, '/terminal');
    socket.send({ type: 'input', data: 'exit 7\n' });
    expect(await socket.got(({ type }) => type === 'exit')).toEqual({ type: 'exit', code: 7 });
  });

  it('sees what other containers change, of which gVisor tells nobody', async () => {
    await using socket = await openSocket(server, api, '/files/watch');
    socket.send({ action: 'watch', path: '/workspace' });
    const told = (event: string, path: string) => socket.messages.find((message) => message['event'] === event && message['path'] === path);
    const write = (name: string) => api.call('POST', '/files/write', { path: `/workspace/${name}`, content: String(Math.random()) });
    await until(() => write('first').then(() => told('created', '/workspace/first') ?? told('modified', '/workspace/first')), 'the watch to begin');
    await write('folder/file');
    await until(() => told('created', '/workspace/folder/file'), 'the file');
    await api.run({ code: 'mv first second; rm folder/file', language: 'bash' });
    expect(await until(() => told('renamed', '/workspace/second'), 'the new name')).toMatchObject({ old_path: '/workspace/first' });
    await until(() => told('deleted', '/workspace/folder/file'), 'the end of the file');
  });
});
