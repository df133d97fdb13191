import type { FastifyReply } from 'fastify';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import type { Scheduler } from '../../execution/scheduler.ts';
import type { RetentionStore } from '../../process/retention-store.ts';
import type { SandboxStore } from '../../sandbox/sandbox.ts';
import type { LimitsOf, RequestMaxima } from '../../tenancy/limits.ts';
import { quotaReply } from '../schemas/quota.ts';

export interface QuotaRoutesDependencies {
  readonly limitsOf: LimitsOf;
  readonly scheduler: Pick<Scheduler, 'usageOf'>;
  readonly sandboxes: Pick<SandboxStore, 'count'>;
  readonly retention: Pick<RetentionStore, 'bytesOf'>;
}

const MIB = 1024 * 1024;

export function quotaRoutes({ limitsOf, scheduler, sandboxes, retention }: QuotaRoutesDependencies): FastifyPluginAsyncZod {
  return async (app) => {
    app.get('/quota', { schema, config: { scope: 'any' } }, async ({ caller: { tenant } }, reply) => {
      const limits = limitsOf(tenant);
      const { running, waiting, memoryBytes, cpus } = scheduler.usageOf(tenant);
      return {
        tenant,
        quota: {
          processes: { used: running, limit: orNone(limits.processes) },
          queued: { used: waiting, limit: orNone(limits.queued) },
          memory_mb: { used: toMib(memoryBytes), limit: orNone(toMib(limits.memoryBytes)) },
          cpus: { used: cpus, limit: orNone(limits.cpus) },
          sandboxes: { used: await sandboxes.count(tenant), limit: orNone(limits.sandboxes) },
          retained_mb: { used: toMib(await retention.bytesOf(tenant)), limit: orNone(toMib(limits.retainedBytes)) },
          requests_per_minute: { used: requestsUsed(reply, limits.requestsPerMinute), limit: orNone(limits.requestsPerMinute) },
          workspace_mb: { limit: orNone(toMib(limits.workspaceBytes)) },
        },
        most: presentMaxima(limits.most),
        timestamp: new Date().toISOString(),
      };
    });
  };
}

const schema = { summary: "The tenant's limits, and what it uses of them", tags: ['server'], response: { 200: quotaReply } };

function presentMaxima(most: RequestMaxima) {
  return {
    memory_mb: orNone(toMib(most.memoryBytes)),
    cpus: orNone(most.cpus),
    pids: orNone(most.pids),
    disk_mb: orNone(toMib(most.diskBytes)),
    output_bytes: orNone(most.outputBytes),
    timeout: orNone(most.timeoutSeconds),
  };
}

/** Requests are counted only where they are limited, and this one has been. */
function requestsUsed(reply: FastifyReply, limit: number): number {
  const remaining = reply.getHeader('x-ratelimit-remaining');
  return remaining === undefined ? 0 : limit - Number(remaining);
}

const toMib = (bytes: number) => bytes / MIB;
const orNone = (limit: number) => (limit === Number.POSITIVE_INFINITY ? null : limit);
