import { totalmem } from 'node:os';
import type { Config } from '../config.ts';
import { connectDocker } from '../engine/docker/connect.ts';
import { createDockerEngine } from '../engine/docker/docker-engine.ts';
import { createPool, type Pool } from '../engine/pool.ts';
import { imageReferences } from '../images/catalog.ts';
import { readInstance } from '../instance.ts';

/** The part of the machine's memory that must be free for containers to be kept ready. */
const LEAST_FREE_SHARE = 0.1;
/** Asking reads several files. */
const MEMORY_LOOK_MS = 1_000;

/** The engine with its pool. `running` says how many processes have a container: what is kept ready gives way to them, and to a lack of memory. */
export function createEngine(config: Config, running: () => number): Pool {
  const { dataDir, imageTag, maxContainers, workspaceBytes, pool } = config;
  const { size, mostPerSandbox } = pool;
  const imageReference = imageReferences(imageTag);
  const engine = createDockerEngine({ docker: connectDocker(), instance: readInstance(dataDir), imageReference, workspaceBytes });
  const hasMemory = keptFor(MEMORY_LOOK_MS, () => process.availableMemory() > totalmem() * LEAST_FREE_SHARE);
  return createPool({ engine, mostPerSandbox, room: () => (hasMemory() ? Math.min(size, maxContainers - running()) : 0) });
}

/** The same answer for so many milliseconds. */
function keptFor<T>(ms: number, ask: () => T): () => T {
  let asked: { readonly at: number; readonly answer: T } | undefined;
  return () => {
    if (!asked || Date.now() - asked.at > ms) asked = { at: Date.now(), answer: ask() };
    return asked.answer;
  };
}
