import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Api, apiOf } from '../support/api.ts';
import { openServer, type TestServer } from '../support/server.ts';

/** gVisor's kernel says so itself; the host's may not be asked. */
const KERNEL = { language: 'bash', code: 'dmesg 2>/dev/null | head -1 || true' };

describe('a server that offers a choice of runtimes', () => {
  let server: TestServer;
  let api: Api;
  beforeAll(async () => {
    server = await openServer({ CORACLE_RUNTIMES: 'runsc' });
    api = await apiOf(server);
  });
  afterAll(() => server[Symbol.asyncDispose]());

  it('runs a process on the kernel that it asks for', async () => {
    const ours = await api.run(KERNEL);
    const gvisor = await api.run({ ...KERNEL, runtime: 'runsc' });
    expect(gvisor).toMatchObject({ status: 'completed', runtime: 'runsc', stdout: expect.stringContaining('Starting gVisor') });
    expect(ours).toMatchObject({ status: 'completed', runtime: null, stdout: expect.not.stringContaining('gVisor') });
  });

  it('gives gVisor the threads that it needs itself, and still limits memory', async () => {
    const hog = await api.run({ language: 'python', runtime: 'runsc', code: `held = []\nwhile True: held.append(b"x" * (16 << 20))` });
    expect(hog).toMatchObject({ status: 'failed', failure: { kind: 'oom' } });
    expect(await api.run({ language: 'python', runtime: 'runsc', code: 'print(len(bytearray(100 << 20)))' })).toMatchObject({ stdout: '104857600\n' });
  });

  it('refuses another one, and says what there is', async () => {
    const { status, body } = await api.call('POST', '/execute/background', { ...KERNEL, runtime: 'crun' });
    expect({ status, ...body }).toMatchObject({ status: 400, code: 'INVALID_REQUEST', message: expect.stringContaining('Use one of: runsc') });
  });
});

it('a server whose operator chose gVisor runs everything on it', async () => {
  await using server = await openServer({ CORACLE_RUNTIME: 'runsc' });
  const api = await apiOf(server);
  expect(await api.run(KERNEL)).toMatchObject({ runtime: 'runsc', stdout: expect.stringContaining('Starting gVisor') });
});
