import { availableParallelism, totalmem } from 'node:os';
import { resolve } from 'node:path';
import { z } from 'zod';
import { type AccessConfig, accessSettings, checkTogether, toAccess } from './config/access.ts';
import { type EgressConfig, egressSettings, toEgress } from './config/egress.ts';
import type { QuotaWish } from './engine/workspace-quota.ts';
import { CoracleError } from './errors.ts';
import type { ContainerLimits } from './process/limits.ts';
import type { RuntimePolicy } from './process/runtimes.ts';

const MIB = 1024 * 1024;
const HOUR_MS = 3_600_000;
const integer = (least: number, most: number) => z.coerce.number().int().min(least).max(most);

/** Four for each CPU, as far as three quarters of the memory carry them at the default limit. */
function defaultMaxContainers(): number {
  const byMemory = Math.floor((totalmem() * 0.75) / (512 * MIB));
  return Math.max(1, Math.min(availableParallelism() * 4, byMemory));
}

/** What the command line reads (src/cli/settings.ts); none of the server's. */
export const CLIENT_VARIABLES = ['CORACLE_URL', 'CORACLE_TOKEN', 'CORACLE_TENANT', 'CORACLE_SANDBOX'] as const;

/** As a registry takes it, https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pulling-manifests */
const imageTag = z
  .string()
  .regex(/^\w[\w.-]{0,127}$/, 'must be 1 to 128 characters of A-Z a-z 0-9 _ . -')
  .default('latest');

/** An origin alone: the SDKs' WebSocket clients would drop a path. */
const publicUrl = z
  .string()
  .refine((url) => /^https?:\/\/[^/?#@]+\/?$/.test(url) && URL.canParse(url), 'must be scheme and host only, as in https://sandboxes.example.com')
  .transform((url) => new URL(url).origin)
  .optional();
/** A name in the engine's `runtimes`. */
const runtime = z.string().regex(/^[A-Za-z0-9][\w.-]{0,63}$/, "must be the engine's name of a runtime, such as runsc");
const runtimeList = z
  .string()
  .default('')
  .transform((names) => names.split(/[\s,]+/).filter(Boolean))
  .pipe(z.array(runtime));

/** Every setting, with its default. README's table is made from the descriptions. */
export const configSchema = z.object({
  CORACLE_HOST: z.string().default('127.0.0.1').describe('Address to listen on'),
  CORACLE_PORT: integer(0, 65_535).default(7777).describe('Port to listen on; 0 takes a free one'),
  CORACLE_PUBLIC_URL: publicUrl.describe('Where clients reach this server; as each has reached it when absent'),
  CORACLE_DATA_DIR: z.string().min(1).default('.coracle').describe('Folder of the store, the output and the generated secret'),
  ...accessSettings,
  CORACLE_TENANTS_FILE: z.string().min(1).optional().describe('JSON file of limits per tenant; read again when it changes'),
  CORACLE_MAX_CONTAINERS: integer(1, 10_000).default(defaultMaxContainers).describe('Containers at once; by default from CPUs and memory'),
  CORACLE_POOL: z.stringbool().default(true).describe('Whether containers are started ahead: on or off'),
  CORACLE_POOL_SIZE: integer(1, 10_000).optional().describe('Containers ready at once, over all; by default half of the containers at once'),
  CORACLE_POOL_PER_SANDBOX: integer(1, 10_000).default(4).describe('Containers ready at once for one sandbox'),
  CORACLE_MAX_QUEUED: integer(0, 1_000_000).default(1_000).describe('Processes that may wait for a container'),
  CORACLE_MEMORY_MB: integer(16, 1_048_576).default(512).describe('Memory and swap of a container, in MiB'),
  CORACLE_CPUS: z.coerce.number().min(0.01).max(1_024).default(1).describe('CPUs of a container'),
  CORACLE_PIDS: integer(8, 1_000_000).default(128).describe('Processes and threads in a container'),
  CORACLE_TMP_MB: integer(1, 1_048_576).default(64).describe("Size of a process's own /tmp/coracle, in MiB of its memory"),
  CORACLE_WORKSPACE_MB: integer(1, 1_048_576).default(1_024).describe("Size of a sandbox's /workspace, in MiB, and of the largest file"),
  CORACLE_WORKSPACE_QUOTA: z.enum(['auto', 'hard', 'accounting']).default('auto').describe('Whether a workspace is a filesystem of its own or is counted'),
  CORACLE_RUNTIME: runtime.optional().describe("What runs containers, by the engine's name for it: runc, runsc, …"),
  CORACLE_RUNTIMES: runtimeList.describe('Runtimes that a request may ask for besides'),
  ...egressSettings,
  CORACLE_OUTPUT_MB: integer(1, 4_096).default(16).describe('Output kept of a process that asks for no other limit, in MiB, both streams together'),
  CORACLE_MAX_OUTPUT_MB: integer(1, 4_096).default(64).describe('Most that a process may ask to be kept of its output, in MiB'),
  CORACLE_OUTPUT_LIMIT: z.enum(['truncate', 'kill']).default('truncate').describe('What happens to a process over its limit that does not say itself'),
  CORACLE_FLOOD_MB_PER_S: z.coerce.number().min(0.01).max(10_000).default(4).describe('How fast the output of a process over its limit is read, in MiB/s'),
  CORACLE_RETENTION_HOURS: z.coerce.number().min(0.001).max(87_600).default(24).describe('How long a record and its output are kept after the end'),
  CORACLE_RETENTION_COUNT: integer(1, 10_000_000).default(10_000).describe('Ended processes kept of a sandbox'),
  CORACLE_RETENTION_MB: integer(1, 1_073_741_824).default(10_240).describe('Output of ended processes kept over all, in MiB'),
  CORACLE_MIN_FREE_MB: integer(1, 1_073_741_824)
    .default(256)
    .describe('Free space on the data disk and the disk of workspaces, in MiB, under which nothing is accepted and writers are stopped'),
  CORACLE_MAX_FILE_MB: integer(1, 10_240).default(100).describe('Size of a file that may be read or written by a call, in MiB'),
  CORACLE_WEBHOOK_ALLOW_PRIVATE: z.stringbool().default(false).describe('Let callbacks go to addresses that are not public'),
  CORACLE_SWEEP_SECONDS: z.coerce.number().min(0.1).max(86_400).default(30).describe('How often records are compared with the engine and the disk'),
  CORACLE_ALLOW_EMPTY_STORE: z.stringbool().default(false).describe('Start although the store is empty and the engine holds containers of it, and remove them'),
  CORACLE_IMAGE_TAG: imageTag.describe('Tag of the images, so that several builds of them can be on one engine'),
  CORACLE_LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info').describe('Least severe log line that is written'),
});

export interface Config extends AccessConfig {
  readonly host: string;
  readonly port: number;
  readonly publicUrl: string | undefined;
  readonly dataDir: string;
  /** Absolute. */
  readonly tenantsFile: string | undefined;
  readonly maxContainers: number;
  readonly pool: { readonly size: number; readonly mostPerSandbox: number };
  readonly maxQueued: number;
  readonly limits: ContainerLimits;
  /** Of each sandbox. */
  readonly workspaceBytes: number;
  readonly workspaceQuota: QuotaWish;
  readonly runtimes: RuntimePolicy;
  readonly egress: EgressConfig;
  readonly output: { readonly defaultBytes: number; readonly mostBytes: number; readonly onLimit: 'truncate' | 'kill' };
  readonly floodBytesPerSecond: number;
  readonly retention: { readonly keptMs: number; readonly mostPerSandbox: number; readonly mostBytes: number };
  readonly leastFreeBytes: number;
  readonly mostFileBytes: number;
  readonly allowPrivateCallbacks: boolean;
  readonly sweepMs: number;
  readonly allowEmptyStore: boolean;
  readonly imageTag: string;
  readonly logLevel: string;
}

/** Size 0 for none. */
function toPool(value: z.output<typeof configSchema>): Config['pool'] {
  const size = value.CORACLE_POOL_SIZE ?? Math.ceil(value.CORACLE_MAX_CONTAINERS / 2);
  return { size: value.CORACLE_POOL ? size : 0, mostPerSandbox: value.CORACLE_POOL_PER_SANDBOX };
}

/**
 * Reads the environment; a blank variable counts as not set. Throws CONFIG_INVALID that lists every problem at once, each with its variable. An unknown
 * CORACLE_ variable is a problem too.
 */
export function readConfig(env: NodeJS.ProcessEnv): Config {
  const given = Object.fromEntries(Object.entries(env).filter(([name, value]) => isSetting(name) && value?.trim() !== ''));
  const parsed = z.strictObject(configSchema.shape).superRefine(checkTogether).safeParse(given);
  if (!parsed.success) throw new CoracleError('CONFIG_INVALID', `The configuration cannot be used:\n${describe(parsed.error)}`);
  const value = parsed.data;
  return {
    host: value.CORACLE_HOST,
    port: value.CORACLE_PORT,
    publicUrl: value.CORACLE_PUBLIC_URL,
    dataDir: resolve(value.CORACLE_DATA_DIR),
    ...toAccess(value),
    tenantsFile: value.CORACLE_TENANTS_FILE === undefined ? undefined : resolve(value.CORACLE_TENANTS_FILE),
    maxContainers: value.CORACLE_MAX_CONTAINERS,
    pool: toPool(value),
    maxQueued: value.CORACLE_MAX_QUEUED,
    limits: {
      memoryBytes: value.CORACLE_MEMORY_MB * MIB,
      cpus: value.CORACLE_CPUS,
      pids: value.CORACLE_PIDS,
      tmpBytes: value.CORACLE_TMP_MB * MIB,
    },
    workspaceBytes: value.CORACLE_WORKSPACE_MB * MIB,
    workspaceQuota: value.CORACLE_WORKSPACE_QUOTA,
    runtimes: { standard: value.CORACLE_RUNTIME ?? null, offered: value.CORACLE_RUNTIMES },
    egress: toEgress(value),
    output: {
      defaultBytes: value.CORACLE_OUTPUT_MB * MIB,
      mostBytes: Math.max(value.CORACLE_OUTPUT_MB, value.CORACLE_MAX_OUTPUT_MB) * MIB,
      onLimit: value.CORACLE_OUTPUT_LIMIT,
    },
    floodBytesPerSecond: value.CORACLE_FLOOD_MB_PER_S * MIB,
    retention: {
      keptMs: value.CORACLE_RETENTION_HOURS * HOUR_MS,
      mostPerSandbox: value.CORACLE_RETENTION_COUNT,
      mostBytes: value.CORACLE_RETENTION_MB * MIB,
    },
    leastFreeBytes: value.CORACLE_MIN_FREE_MB * MIB,
    mostFileBytes: value.CORACLE_MAX_FILE_MB * MIB,
    allowPrivateCallbacks: value.CORACLE_WEBHOOK_ALLOW_PRIVATE,
    sweepMs: value.CORACLE_SWEEP_SECONDS * 1000,
    allowEmptyStore: value.CORACLE_ALLOW_EMPTY_STORE,
    imageTag: value.CORACLE_IMAGE_TAG,
    logLevel: value.CORACLE_LOG_LEVEL,
  };
}

/** The command line's own variables may stand beside them. */
function isSetting(name: string): boolean {
  return name.startsWith('CORACLE_') && !CLIENT_VARIABLES.some((own) => own === name);
}

function describe(error: z.ZodError): string {
  return error.issues
    .flatMap((issue) =>
      issue.code === 'unrecognized_keys' ? issue.keys.map((key) => `  ${key}: no such setting`) : [`  ${String(issue.path[0])}: ${issue.message}`],
    )
    .join('\n');
}
