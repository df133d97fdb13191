import { availableParallelism, totalmem } from 'node:os';
import type { Config } from '../config.ts';
import { connectDocker } from '../engine/docker/connect.ts';
import { createQuotaDisk, type QuotaDisk } from '../engine/docker/disk/quota-disk.ts';
import { createDockerEngine } from '../engine/docker/docker-engine.ts';
import { shareStarts } from '../engine/fair-starts.ts';
import { createPool, type Pool } from '../engine/pool.ts';
import { imageReferences } from '../images/catalog.ts';
import { readInstance } from '../instance.ts';
import type { LimitsOf } from '../tenancy/limits.ts';
import { createEgress, type OfferedEgress } from './egress.ts';

/** The part of the machine's memory that must be free for containers to be kept ready. */
const LEAST_FREE_SHARE = 0.1;
/** Asking reads several files. */
const MEMORY_LOOK_MS = 1_000;

export interface EngineUse {
  /** How many processes have a container: what is kept ready gives way to them, and to a lack of memory. */
  readonly running: () => number;
  readonly limitsOf: LimitsOf;
}

export interface EngineParts {
  readonly engine: Pool;
  /** What the files of its sandboxes lie on. */
  readonly disk: QuotaDisk;
  /** The networks that it may give. */
  readonly egress: OfferedEgress;
}

/** The engine with its pool. */
export function createEngine(config: Config, { running, limitsOf }: EngineUse): EngineParts {
  const { dataDir, imageTag, maxContainers, workspaceBytes, pool } = config;
  const docker = connectDocker();
  const instance = readInstance(dataDir);
  const imageReference = imageReferences(imageTag);
  const disk = createQuotaDisk({ docker, instance, dataDir, wish: config.workspaceQuota, imageReference });
  const { size, mostPerSandbox } = pool;
  const egress = createEgress(config, instance);
  const workspaceBytesOf = (tenant: string) => limitsOf(tenant).workspaceBytes;
  const bare = createDockerEngine({ docker, instance, imageReference, workspaceBytes, workspaceBytesOf, disk, egress });
  // Half of the CPUs, so that there is one for the others.
  const engine = shareStarts({ engine: bare, besideOthers: Math.max(1, Math.floor(availableParallelism() / 2)) });
  const hasMemory = keptFor(MEMORY_LOOK_MS, () => process.availableMemory() > totalmem() * LEAST_FREE_SHARE);
  const room = () => (hasMemory() ? Math.min(size, maxContainers - running()) : 0);
  return { engine: createPool({ engine, mostPerSandbox, room }), disk, egress };
}

/** The same answer for so many milliseconds. */
function keptFor<T>(ms: number, ask: () => T): () => T {
  let asked: { readonly at: number; readonly answer: T } | undefined;
  return () => {
    if (!asked || Date.now() - asked.at > ms) asked = { at: Date.now(), answer: ask() };
    return asked.answer;
  };
}
