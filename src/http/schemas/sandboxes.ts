import { z } from 'zod';
import { optional } from './common.ts';
import { env } from './execute.ts';

/** A year. */
const MOST_SECONDS = 31_536_000;

const timeoutSeconds = z.int().min(1).max(MOST_SECONDS);
const label = z.string().regex(/^[\w.-]{1,64}$/, 'takes 1 to 64 characters of A-Z a-z 0-9 _ . -');

export const createBody = z
  .object({
    template_name: optional(z.string().describe('A name of GET /v1/templates'), null),
    template_id: optional(z.union([z.string(), z.int()]).describe('The same as template_name'), null),
    region: optional(label.describe('A label of yours; everything is in one place'), 'local'),
    timeout_seconds: optional(timeoutSeconds.describe('How long it lives; for as long as nobody deletes it when absent'), null),
    internet_access: optional(
      z.boolean().describe('Whether its processes may reach the public internet, where the operator allows that; the answer says what it got'),
      false,
    ),
    env_vars: optional(env, null),
    resources: optional(
      z.object({
        vcpu: optional(z.number().min(0.01).describe('CPUs of each container; at most what the server gives'), null),
        memory_mb: optional(z.int().min(16).describe('Memory of each container; at most what the server gives'), null),
      }),
      null,
    ),
  })
  .meta({ id: 'SandboxRequest' });

export type CreateBody = z.output<typeof createBody>;

export const sandboxParams = z.object({ id: z.string().min(1).max(128) });
export const timeoutBody = z.object({ timeout_seconds: timeoutSeconds.describe('From now') }).meta({ id: 'SandboxTimeout' });

const sandbox = {
  id: z.string(),
  sandbox_id: z.string().describe('The same as id'),
  name: z.string().describe('Its id, or the word by which tokens name it'),
  status: z.enum(['running', 'paused']),
  public_host: z.string().describe('Where its agent calls go: this server, with scheme'),
  direct_url: z.string().describe('The same as public_host'),
  template_id: z.string(),
  template_name: z.string().describe('The same as template_id'),
  region: z.string(),
  internet_access: z.boolean().describe('Whether its processes reach the public internet: false where the server does not offer it'),
  resources: z
    .object({ vcpu: z.number(), memory_mb: z.int(), disk_mb: z.int().describe('Size of the disk that all workspaces share') })
    .describe('Of each of its containers'),
  timeout_seconds: z.int().nullable().describe('How long it lives; null for as long as nobody deletes it'),
  created_at: z.iso.datetime(),
  started_at: z.iso.datetime().describe('The same as created_at'),
  expires_at: z.iso.datetime().nullable().describe('When it ends; while it is paused, when it would if it were resumed now'),
  end_at: z.iso.datetime().nullable().describe('The same as expires_at'),
};

export const sandboxSchema = z.object(sandbox).meta({ id: 'Sandbox' });

const token = {
  auth_token: z.string().describe('A token for its agent calls; it lives as long as the sandbox, and no later one ends it'),
  token_expires_at: z.iso.datetime(),
};

export const createReply = z.object({ ...sandbox, ...token }).meta({ id: 'NewSandbox' });
export const tokenReply = z.object(token).meta({ id: 'SandboxToken' });

export const sandboxListQuery = z.object({
  limit: z.coerce.number().int().min(1).max(1_000).default(100),
  cursor: z.string().optional().describe('next_cursor of the page before'),
  status: z.string().optional().describe('running or paused'),
  region: z.string().optional(),
});

export const sandboxListReply = z
  .object({ data: z.array(sandboxSchema).describe('Newest first'), has_more: z.boolean(), next_cursor: z.string().nullable() })
  .meta({ id: 'SandboxList' });

export const deleteReply = z
  .object({
    id: z.string(),
    status: z.enum(['deleted', 'deleting']).describe('deleting: the container engine is away or slow, and ends what is left when it can'),
    message: z.string(),
  })
  .meta({ id: 'SandboxDeleted' });

export const controlErrorSchema = z
  .object({
    error: z.object({ code: z.string(), message: z.string(), request_id: z.string(), details: z.record(z.string(), z.unknown()) }),
    code: z.string().describe('Stable, for programs'),
    message: z.string().describe('What went wrong and what to do, for people'),
    request_id: z.string().describe('As in the header X-Request-ID'),
  })
  .meta({ id: 'ControlError' });

/** The answers that every route of the control plane can give besides its own. */
export const controlErrors = {
  400: controlErrorSchema.describe('Invalid request'),
  401: controlErrorSchema.describe('No key or token, or one that is bad (INVALID_TOKEN) or expired (TOKEN_EXPIRED)'),
  403: controlErrorSchema.describe('The key or token lacks the scope that details.missing_scope names'),
};

export const noSandbox = {
  404: controlErrorSchema.describe('No such sandbox of this tenant'),
  410: controlErrorSchema.describe('Its time is over'),
};
