import { z } from 'zod';

const timestamp = z.iso.datetime();
const share = z.object({ total: z.int(), used: z.int(), free: z.int(), usage_percent: z.number() });

export const rootReply = z.object({ name: z.literal('coracle'), version: z.string(), docs: z.string(), openapi: z.string() }).meta({ id: 'Root' });

export const pingReply = z.object({ status: z.literal('ok'), message: z.literal('pong'), timestamp }).meta({ id: 'Ping' });

export const infoReply = z
  .object({
    agent: z.literal('coracle'),
    agent_version: z.string(),
    version: z.string().describe('The same as agent_version'),
    os: z.string(),
    arch: z.string(),
    start_time: z.iso.datetime(),
    uptime: z.number().describe('Seconds'),
    uptime_seconds: z.number().describe('The same as uptime'),
    endpoints: z.record(z.string(), z.string()),
    features: z.record(z.string(), z.union([z.boolean(), z.array(z.string())])),
  })
  .meta({ id: 'Info' });

export const systemReply = z
  .object({
    cpu: z.object({ usage_percent: z.number(), cores: z.int() }),
    memory: share.describe('Bytes'),
    disk: share.describe('Bytes, of the disk that holds the data folder'),
    timestamp,
  })
  .meta({ id: 'System' });

export const systemProcessesReply = z
  .object({
    processes: z.array(
      z.object({
        pid: z.null().describe('Processes of other containers have no number here'),
        process_id: z.string(),
        execution_id: z.string(),
        name: z.string().nullable(),
        command: z.string().describe('The language'),
        user: z.string().describe('The user id of everything in the sandbox'),
        status: z.enum(['queued', 'running']),
        started_at: z.iso.datetime().nullable(),
      }),
    ),
    count: z.int(),
    timestamp,
  })
  .meta({ id: 'SystemProcesses' });

export const metricsReply = z
  .object({
    uptime_seconds: z.number().describe('Of this server; everything here is counted since it started'),
    total_executions: z.int().describe('Accepted in this sandbox'),
    active_executions: z.int().describe('Running or waiting in this sandbox now, 1,000 at most'),
    requests_total: z.int().describe('Requests to this sandbox'),
    total_requests: z.int().describe('The same as requests_total'),
    error_count: z.int().describe('Requests that were answered with an error, and executions that failed'),
    total_errors: z.int().describe('The same as error_count'),
    avg_duration_ms: z.int().describe('Of the latest 200 runs that ended'),
    p95_duration_ms: z.int().describe('Likewise'),
    process: z.object({ count: z.int(), running: z.int() }),
    cache: z.object({ size: z.int(), hits: z.int(), misses: z.int(), hit_rate: z.number() }).describe('Nothing is cached'),
    timestamp,
  })
  .meta({ id: 'Metrics' });

export const cacheReply = z
  .object({ cache: z.object({ size: z.int(), max_size: z.int(), total_hits: z.int(), ttl: z.string() }), timestamp })
  .meta({ id: 'CacheStats' });

export const cacheClearReply = z.object({ message: z.string(), entries_removed: z.int(), timestamp }).meta({ id: 'CacheCleared' });

export const jupyterReply = z.object({ sessions: z.array(z.never()), count: z.int(), timestamp }).meta({ id: 'JupyterSessions' });
