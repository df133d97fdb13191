import { expect, test } from 'vitest';
import { createEvents } from '../../../src/execution/events.ts';
import { createServerMetrics } from '../../../src/metrics/prometheus.ts';
import { newRecord } from '../../support/records.ts';

function open() {
  const events = createEvents();
  const metrics = createServerMetrics(events, { counts: () => ({ running: 3, queued: 4 }) });
  return { events, metrics, lines: async () => (await metrics.text()).split('\n') };
}

test('what runs and waits is asked for at each look', async () => {
  const { lines } = open();
  expect(await lines()).toEqual(expect.arrayContaining(['coracle_processes{status="running"} 3', 'coracle_processes{status="queued"} 4']));
});

test('processes are counted along their way, and timed', async () => {
  const { events, lines } = open();
  const times = { acceptedAt: 1_000, startedAt: 3_000, endedAt: 7_000 };
  events.publishStatus(newRecord({ status: 'queued' }));
  events.publishStatus(newRecord({ ...times, status: 'running', endedAt: null }));
  events.publishStatus(newRecord({ ...times, status: 'failed', failure: { kind: 'oom', message: '' } }));
  events.publishStatus(newRecord({ status: 'killed' }));
  expect(await lines()).toEqual(
    expect.arrayContaining([
      'coracle_processes_accepted_total 1',
      'coracle_processes_ended_total{status="failed",failure="oom"} 1',
      'coracle_processes_ended_total{status="killed",failure=""} 1',
      'coracle_process_wait_seconds_sum 2',
      'coracle_process_run_seconds_sum 4',
    ]),
  );
});

test('requests are counted by route, and no tenant is named', async () => {
  const { events, metrics, lines } = open();
  metrics.observe({ method: 'GET', route: '/execute/processes/:process_id', status: 200, seconds: 0.02 });
  events.publishStatus(newRecord({ scope: { tenant: 'acme-the-secret', sandbox: 'x' } }));
  const text = (await lines()).join('\n');
  expect(text).toContain('coracle_http_request_duration_seconds_count{method="GET",route="/execute/processes/:process_id",status="200"} 1');
  expect(text).not.toContain('acme');
});
