import { z } from 'zod';

const limit = z.number().nullable().describe('null where there is none');
const use = z.object({ used: z.number(), limit });

export const quotaReply = z
  .object({
    tenant: z.string(),
    quota: z.object({
      processes: use.describe('Running'),
      queued: use.describe('Waiting, beyond those that may run'),
      memory_mb: use.describe('Of what runs, as it is limited to'),
      cpus: use.describe('Likewise'),
      sandboxes: use,
      retained_mb: use.describe('Output of ended processes on disk; the oldest go first'),
      requests_per_minute: use,
      workspace_mb: z.object({ limit }).describe('All workspaces together'),
    }),
    most: z
      .object({ memory_mb: limit, cpus: limit, pids: limit, disk_mb: limit, output_bytes: limit, timeout: limit.describe('Seconds') })
      .describe('What one request may ask for; one that asks for more gets this much'),
    timestamp: z.iso.datetime(),
  })
  .meta({ id: 'Quota' });
