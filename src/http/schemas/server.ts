import { z } from 'zod';

export const healthReply = z
  .object({
    status: z.enum(['healthy', 'degraded']).describe('degraded: the container engine does not answer; processes are accepted and wait for it'),
    agent: z.literal('coracle'),
    version: z.string(),
    uptime: z.number().describe('Seconds'),
    uptime_seconds: z.number().describe('The same as uptime'),
    engine: z.enum(['reachable', 'unreachable']),
    features: z.object({ background: z.boolean(), languages: z.array(z.string()) }),
    timestamp: z.iso.datetime(),
  })
  .meta({ id: 'Health' });

export const languagesReply = z
  .object({
    languages: z.array(z.object({ name: z.string(), version: z.string(), aliases: z.array(z.string()) })),
    count: z.int(),
  })
  .meta({ id: 'Languages' });
