import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Reached } from '../support/api.ts';
import { type BuiltServer, buildServer } from '../support/built.ts';
import { type Caller, callerOf } from './caller.ts';
import { type CpuGroup, cpuGroup } from './weight.ts';

export const MOST_CLIENTS = 8;

export interface BenchServer extends AsyncDisposable {
  readonly caller: Caller;
  readonly reached: Reached;
  /** Bytes of memory that the server has in use. */
  rss(): number;
  /** Makes it a service of its own, with so many times another's part of the CPUs. */
  weigh(times: number): void;
}

/** A built server, with containers ready (`warm`) or without. */
export async function openBenchServer(pool: 'on' | 'off', env: NodeJS.ProcessEnv = {}): Promise<BenchServer> {
  const most = String(MOST_CLIENTS * 2);
  const places = { CORACLE_MAX_CONTAINERS: most, CORACLE_POOL: pool, CORACLE_POOL_SIZE: most, CORACLE_POOL_PER_SANDBOX: String(MOST_CLIENTS) };
  const server = await buildServer({ ...places, CORACLE_LOG_LEVEL: 'warn', ...env });
  let group: CpuGroup | undefined;
  return {
    caller: await callerOf(server),
    reached: server,
    rss: () => rssOf(server),
    weigh(times) {
      group ??= cpuGroup(server.pid());
      group.weigh(times);
    },
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      group?.remove();
    },
  };
}

function rssOf(server: BuiltServer): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${server.pid()}/status`, 'utf8'))?.[1]) * 1024;
}

/** The most memory that a server has in use while something goes on. */
export async function mostMemory<T>(server: BenchServer, work: () => Promise<T>): Promise<{ result: T; most: number }> {
  let most = server.rss();
  const watch = setInterval(() => {
    most = Math.max(most, server.rss());
  }, 50);
  try {
    return { result: await work(), most };
  } finally {
    clearInterval(watch);
  }
}

/** Runs a program as often as there are clients, so that as many are kept ready, and gives the server the time to make them. */
export async function warmUp({ caller }: BenchServer, program: Readonly<Record<string, unknown>>, clients = MOST_CLIENTS): Promise<void> {
  await Promise.all(Array.from({ length: clients }, () => caller.run(program)));
  await sleep(REFILL_MS * clients);
}

export const REFILL_MS = 400;
