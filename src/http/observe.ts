import type { FastifyInstance } from 'fastify';
import type { Activity } from '../metrics/activity.ts';
import type { ServerMetrics } from '../metrics/prometheus.ts';

/** Counts and times every request of `app` for the operator. */
export function observeRequests(app: FastifyInstance, metrics: ServerMetrics): void {
  app.addHook('onResponse', async ({ method, routeOptions }, { statusCode, elapsedTime }) =>
    metrics.observe({ method, route: routeOptions.url ?? 'none', status: statusCode, seconds: elapsedTime / 1000 }),
  );
}

/** Counts every request that acted in a sandbox, for that sandbox. */
export function countRequests(app: FastifyInstance, activity: Activity): void {
  app.addHook('onResponse', async ({ scope }, { statusCode }) => {
    if (scope) activity.noteRequest(scope, statusCode);
  });
}
