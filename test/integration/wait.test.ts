import { expect, test } from 'vitest';
import { apiOf } from '../support/api.ts';
import { openServer } from '../support/server.ts';

test('waiting ends with the process, with the time-out, and with the server', async () => {
  await using server = await openServer();
  const api = await apiOf(server);
  const wait = (id: string, query = '') => api.call('GET', `/execute/processes/${id}/wait${query}`);

  const short = await api.submit({ language: 'bash', code: 'sleep 1; echo done; exit 3' });
  expect(await wait(short)).toMatchObject({ status: 200, body: { process_id: short, status: 'failed', exit_code: 3, stdout: 'done\n' } });
  expect(await wait(short, '?timeout=0')).toMatchObject({ status: 200, body: { status: 'failed' } });

  const endless = await api.submit({ language: 'bash', code: 'sleep 600' });
  const present = await wait(endless, '?timeout=0.2');
  expect(['queued', 'running']).toContain(present.body['status']);
  for (const timeout of ['-1', '3601', 'x']) expect(await wait(endless, `?timeout=${timeout}`)).toMatchObject({ status: 400 });
  expect(await wait('proc_x')).toMatchObject({ status: 404, body: { code: 'RESOURCE_NOT_FOUND' } });
  const stranger = await apiOf(server, 'globex');
  expect(await stranger.call('GET', `/execute/processes/${endless}/wait`)).toMatchObject({ status: 404 });

  const waiting = wait(endless);
  await api.call('GET', `/execute/processes/${endless}`);
  await server.close();
  expect((await waiting).body['process_id']).toBe(endless);
});
