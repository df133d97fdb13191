import { z } from 'zod';
import { optional } from './common.ts';
import { env } from './execute.ts';

export const envReplaceBody = z.object({ env_vars: env }).meta({ id: 'EnvReplaceRequest' });

export const envChangeBody = z
  .object({ env_vars: env, merge: optional(z.boolean().describe('false replaces all variables, as PUT does'), true) })
  .meta({ id: 'EnvChangeRequest' });

export const envParams = z.object({ key: z.string().min(1).max(256) });

export const envReply = z
  .object({
    env_vars: z.record(z.string(), z.string()).describe('Every variable of the sandbox with its value, never masked'),
    count: z.int(),
    timestamp: z.iso.datetime(),
  })
  .meta({ id: 'Environment' });
