import type Docker from 'dockerode';
import type { Container } from 'dockerode';
import type { OutputFrame } from '../../output/output-store.ts';
import type { Usage } from '../../process/record.ts';
import type { ProgramInput, RunningContainer } from '../container-engine.ts';
import { QUICK_MS, SLOW_MS, withDeadline } from './deadline.ts';
import { alreadySo } from './errors.ts';
import { inspectContainer, watchExit } from './watch-exit.ts';

export interface Started {
  readonly docker: Docker;
  readonly container: Container;
  readonly output: AsyncIterable<readonly OutputFrame[]>;
  readonly isOutputFromStart: boolean;
  readonly stdin: ProgramInput;
  /** As of `Watched`. */
  readonly awaySince?: number | undefined;
  readonly isFresh: boolean;
}

export function runningContainer({ docker, container, output, isOutputFromStart, stdin, awaySince, isFresh }: Started): RunningContainer {
  const streamEnd = Promise.withResolvers<void>();
  let asked: 'stop' | 'signal' | undefined;
  const exit = watchExit({ docker, container, streamEnd: streamEnd.promise, asked: () => asked, awaySince, isFresh });
  return {
    id: container.id,
    isOutputFromStart,
    stdin,
    output: noticeEnd(output, streamEnd.resolve),
    exit,
    async stop(graceMs) {
      asked = 'stop';
      const stopped = container.stop({ t: Math.ceil(graceMs / 1000) });
      await withDeadline(stopped.catch(alreadySo), { ms: graceMs + SLOW_MS, what: 'stop a container' });
    },
    async signal(signal) {
      asked ??= 'signal';
      await withDeadline(container.kill({ signal }).catch(alreadySo), { ms: QUICK_MS, what: 'signal a container' });
    },
    async pause() {
      await withDeadline(container.pause().catch(alreadySo), { ms: SLOW_MS, what: 'pause a container' });
    },
    async resume() {
      // The engine's refusal for one that is not paused has no status of its own.
      const info = await inspectContainer(container);
      if (info?.State.Paused) await withDeadline(container.unpause().catch(alreadySo), { ms: SLOW_MS, what: 'resume a container' });
    },
    usage: () => readUsage(container).catch(() => undefined),
    remove: () => removeContainer(container),
  };
}

/** cgroup v1 keeps the peak; v2 tells only what is used now. A container that has ended shows zeros. */
async function readUsage(container: Container): Promise<Usage | undefined> {
  const asked = container.stats({ stream: false, 'one-shot': true });
  const { memory_stats: memory, cpu_stats: cpu } = await withDeadline(asked, { ms: QUICK_MS, what: 'tell what a container uses' });
  const peakMemoryBytes = Math.max(memory.max_usage ?? 0, memory.usage ?? 0);
  if (!peakMemoryBytes) return undefined;
  return { peakMemoryBytes, cpuMs: Math.round(cpu.cpu_usage.total_usage / 1e6) };
}

export async function removeContainer(container: Container): Promise<void> {
  await withDeadline(container.remove({ force: true, v: true }).catch(alreadySo), { ms: SLOW_MS, what: 'remove a container' });
}

async function* noticeEnd(frames: AsyncIterable<readonly OutputFrame[]>, onEnd: () => void): AsyncGenerator<readonly OutputFrame[]> {
  try {
    yield* frames;
  } finally {
    onEnd();
  }
}
