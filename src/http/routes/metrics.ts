import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { Activity } from '../../metrics/activity.ts';
import type { ServerMetrics } from '../../metrics/prometheus.ts';
import type { ProcessStore } from '../../process/process-store.ts';
import type { ProcessRecord, Scope } from '../../process/record.ts';
import type { SandboxStore } from '../../sandbox/sandbox.ts';
import { metricsReply, systemProcessesReply } from '../schemas/machine.ts';

export interface MetricsRoutesDependencies {
  readonly activity: Activity;
  readonly serverMetrics: ServerMetrics;
  readonly store: ProcessStore;
  readonly sandboxes: SandboxStore;
}

const MOST_ACTIVE = 1_000;

/** What goes on in a sandbox, and what goes on in the whole server, which takes the scope `admin`. */
export function metricsRoutes({ activity, serverMetrics, store, sandboxes }: MetricsRoutesDependencies): FastifyPluginAsyncZod {
  async function active(scope: Scope): Promise<readonly ProcessRecord[]> {
    return (await store.list(scope, { limit: MOST_ACTIVE, statuses: ['queued', 'running'] })).records;
  }

  async function snapshot(scope: Scope) {
    const records = await active(scope);
    return present(activity.of(scope), { count: records.length, running: records.filter(({ status }) => status === 'running').length });
  }

  return async (app) => {
    for (const url of ['/metrics', '/metrics/snapshot']) {
      app.get(url, { schema: schemas.snapshot, config: reads }, async ({ scope }) => snapshot(scope));
    }

    app.get('/metrics/prometheus', { schema: schemas.prometheus, config: { scope: 'admin' } }, async (_request, reply) =>
      reply.type(serverMetrics.contentType).send((await serverMetrics.text()) as never),
    );

    app.get('/processes', { schema: schemas.processes, config: reads }, async ({ scope }) => {
      const records = await active(scope);
      const sandbox = await sandboxes.find(scope.tenant, scope.sandbox);
      const processes = records.map((record) => presentRunning(record, sandbox?.uid));
      return { processes, count: processes.length, timestamp: new Date().toISOString() };
    });
  };
}

function present({ executions, failed, requests, errors, averageMs, p95Ms }: ReturnType<Activity['of']>, process: { count: number; running: number }) {
  return {
    uptime_seconds: globalThis.process.uptime(),
    total_executions: executions,
    active_executions: process.count,
    requests_total: requests,
    total_requests: requests,
    error_count: errors + failed,
    total_errors: errors + failed,
    avg_duration_ms: averageMs,
    p95_duration_ms: p95Ms,
    process,
    cache: { size: 0, hits: 0, misses: 0, hit_rate: 0 },
    timestamp: new Date().toISOString(),
  };
}

function presentRunning({ id, executionId, name, language, status, startedAt }: ProcessRecord, uid: number | undefined) {
  return {
    pid: null,
    process_id: id,
    execution_id: executionId,
    name,
    command: language,
    user: String(uid ?? ''),
    status: status === 'running' ? ('running' as const) : ('queued' as const),
    started_at: startedAt === null ? null : new Date(startedAt).toISOString(),
  };
}

const reads = { scope: 'processes:read' } as const;

const schemas = {
  snapshot: { summary: 'What went on in the sandbox since the server started', tags: ['server'], response: { 200: metricsReply } },
  prometheus: {
    summary: "The whole server's figures, for Prometheus",
    tags: ['server'],
    response: { 200: { description: "Prometheus' text format", content: { 'text/plain': { schema: z.string() } } } },
  },
  processes: { summary: 'What runs and waits in the sandbox now', tags: ['processes'], response: { 200: systemProcessesReply } },
};
