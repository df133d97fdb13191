import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { Events } from '../execution/events.ts';
import type { Scheduler } from '../execution/scheduler.ts';
import type { ProcessRecord } from '../process/record.ts';
import { isTerminal } from '../process/status.ts';

export interface ObservedRequest {
  readonly method: string;
  /** As in the OpenAPI document: never a path with ids in it, which would have no end. */
  readonly route: string;
  readonly status: number;
  readonly seconds: number;
}

/** The whole server's figures, for its operator: they tell of all tenants together and name none. */
export interface ServerMetrics {
  observe(request: ObservedRequest): void;
  /** In Prometheus' text format. */
  text(): Promise<string>;
  readonly contentType: string;
}

const RUN_SECONDS = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1_800, 7_200];
const REQUEST_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

export function createServerMetrics(events: Pick<Events, 'onStatus'>, scheduler: Pick<Scheduler, 'counts'>): ServerMetrics {
  const register = new Registry();
  collectDefaultMetrics({ register });
  watchQueue(register, scheduler);
  watchProcesses(register, events);
  const requests = new Histogram({
    name: 'coracle_http_request_duration_seconds',
    help: 'Time from a request to its answer',
    labelNames: ['method', 'route', 'status'],
    buckets: REQUEST_SECONDS,
    registers: [register],
  });
  return {
    observe: ({ seconds, ...labels }) => requests.observe(labels, seconds),
    text: () => register.metrics(),
    contentType: register.contentType,
  };
}

function watchQueue(register: Registry, scheduler: Pick<Scheduler, 'counts'>): void {
  const registers = [register];
  new Gauge({
    name: 'coracle_processes',
    help: 'Processes that run, and that wait for a container',
    labelNames: ['status'],
    registers,
    collect() {
      const { running, queued } = scheduler.counts();
      this.set({ status: 'running' }, running);
      this.set({ status: 'queued' }, queued);
    },
  });
}

function watchProcesses(register: Registry, events: Pick<Events, 'onStatus'>): void {
  const registers = [register];
  const accepted = new Counter({ name: 'coracle_processes_accepted_total', help: 'Processes accepted', registers });
  const ended = new Counter({
    name: 'coracle_processes_ended_total',
    help: 'Processes that have ended, by how; failure is empty unless they failed',
    labelNames: ['status', 'failure'],
    registers,
  });
  const waits = new Histogram({ name: 'coracle_process_wait_seconds', help: 'Time from the acceptance to the start', buckets: RUN_SECONDS, registers });
  const runs = new Histogram({ name: 'coracle_process_run_seconds', help: 'Time from the start to the end', buckets: RUN_SECONDS, registers });
  events.onStatus(({ status, failure, acceptedAt, startedAt, endedAt }: ProcessRecord) => {
    if (status === 'queued') accepted.inc();
    if (status === 'running' && startedAt !== null) waits.observe((startedAt - acceptedAt) / 1000);
    if (!isTerminal(status)) return;
    ended.inc({ status, failure: failure?.kind ?? '' });
    if (startedAt !== null && endedAt !== null) runs.observe((endedAt - startedAt) / 1000);
  });
}
