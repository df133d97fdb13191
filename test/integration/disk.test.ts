import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Api, apiOf } from '../support/api.ts';
import { openServer, type TestServer } from '../support/server.ts';

let server: TestServer;
let api: Api;
beforeAll(async () => {
  server = await openServer({ CORACLE_WORKSPACE_QUOTA: 'accounting', CORACLE_WORKSPACE_MB: '32', CORACLE_LOG_LEVEL: 'fatal' });
  api = await apiOf(server);
});
afterAll(() => server[Symbol.asyncDispose]());

/** Writes more and more files, each within the size of one, for as long as it is let. */
const fill = (folder: string) => ({
  language: 'bash',
  code: `mkdir -m 700 ${folder}/deep; for i in $(seq 2000); do head -c 1000000 /dev/zero > ${folder}/deep/$i; [ $i = 1 ] && chmod 300 ${folder}/deep; sleep 0.05; done; echo ESCAPED`,
  timeout: 60,
});

it.each(['/workspace', '/tmp'])('a process that fills %s is stopped, also where it hides its files, and the sandbox can be cleaned up', async (folder) => {
  const ended = await api.run(fill(folder));
  expect(ended).toMatchObject({ status: 'failed', failure: { kind: 'disk_limit' }, stdout: '' });
  expect(await api.run({ language: 'bash', code: `chmod 700 ${folder}/deep; sleep 3; rm -r ${folder}/deep; echo clean` })).toMatchObject({ stdout: 'clean\n' });
  expect(await api.run({ language: 'bash', code: 'sleep 3; echo fine' })).toMatchObject({ status: 'completed' });
});

it('a million empty files count too', async () => {
  const code = 'import os\nfor i in range(1_000_000): os.close(os.open(f"/workspace/{i}", os.O_CREAT))\nprint("ESCAPED")';
  const hoarder = await apiOf(server, 'hoarder');
  expect(await hoarder.run({ language: 'python', code, timeout: 60 })).toMatchObject({ failure: { kind: 'disk_limit' } });
});

it('one file is never larger than all may be', async () => {
  const { stdout, failure } = await api.run({
    language: 'bash',
    code: 'truncate -s 1T /workspace/sparse 2>/dev/null && echo ESCAPED; rm -f /workspace/sparse',
  });
  expect(stdout).toBe('');
  expect(failure?.kind ?? null).not.toBe('disk_limit');
});
