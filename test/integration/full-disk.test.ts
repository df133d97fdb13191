import { join } from 'node:path';
import { expect, it } from 'vitest';
import { errorSchema } from '../../src/http/schemas/common.ts';
import { type Api, apiOf } from '../support/api.ts';
import { openServer } from '../support/server.ts';
import { smallDisk } from '../support/small-disk.ts';
import { until } from '../support/until.ts';

const HELLO = { language: 'bash', code: 'echo hello' };

/** What a client gets to hear while the disk is full, whatever it asks for. */
async function statusOf(api: Api, method: string, path: string): Promise<number> {
  const { status, body } = await api.call(method, path);
  if (status >= 400) errorSchema.parse(body);
  return status;
}

it('a disk that fills up and is freed again refuses what is new in words, loses nothing that was accepted, and never fails', async () => {
  await using disk = await smallDisk(24);
  await using server = await openServer({
    CORACLE_DATA_DIR: join(disk.path, 'data'),
    CORACLE_MIN_FREE_MB: '1',
    CORACLE_MAX_CONTAINERS: '1',
    CORACLE_LOG_LEVEL: 'fatal',
  });
  const api = await apiOf(server);
  const ended = await api.run(HELLO);
  const running = await api.submit({ language: 'bash', code: 'echo up; sleep 3; echo done; exit 3' });
  const [waiting, unwanted] = [await api.submit(HELLO), await api.submit(HELLO)];
  await until(async () => (await api.get(running)).stdout === 'up\n', 'the program to be up');
  await disk.fill();

  const refused = await api.call('POST', '/execute/background', HELLO);
  expect(refused.status).toBe(503);
  expect(errorSchema.parse(refused.body)).toMatchObject({ code: 'SERVICE_UNAVAILABLE', message: expect.stringMatching(/disk is full.*\.$/) });
  expect(Number(refused.headers.get('Retry-After'))).toBeGreaterThan(0);
  expect(await api.list()).toHaveLength(4);
  expect(await api.get(ended.process_id)).toMatchObject({ status: 'completed', stdout: 'hello\n' });
  expect([200, 503]).toContain(await statusOf(api, 'DELETE', `/execute/kill?process_id=${unwanted}`));
  expect([200, 503]).toContain(await statusOf(api, 'DELETE', `/execute/processes/${ended.process_id}`));
  expect(await statusOf(api, 'GET', '/health')).toBe(200);

  await disk.free();
  expect(await api.ended(running)).toMatchObject({ status: 'failed', exit_code: 3, failure: { kind: 'exit' } });
  expect(await api.ended(waiting)).toMatchObject({ status: 'completed', exit_code: 0 });
  expect(await api.ended(unwanted)).toMatchObject({ status: expect.stringMatching(/killed|completed/) });
  expect(await api.run(HELLO)).toMatchObject({ status: 'completed', stdout: 'hello\n', output_complete: true });
});
