import type { RunningContainer } from '../engine/container-engine.ts';
import type { Usage } from '../process/record.ts';

/** When a container is asked what it uses, after its start; from then on with the last pause. */
const PAUSES_MS = [500, 1_500, 5_000];

/** Asks now and then until stopped; answers the most that was seen, null when the process was over before the first look. */
export function sampleUsage(container: Pick<RunningContainer, 'usage'>): () => Usage | null {
  let seen: Usage | null = null;
  let looks = 0;
  let timer: NodeJS.Timeout | undefined;

  async function look(): Promise<void> {
    const usage = await container.usage();
    if (usage) seen = { peakMemoryBytes: Math.max(usage.peakMemoryBytes, seen?.peakMemoryBytes ?? 0), cpuMs: Math.max(usage.cpuMs, seen?.cpuMs ?? 0) };
    if (timer) schedule();
  }

  function schedule(): void {
    timer = setTimeout(() => void look(), PAUSES_MS[Math.min(looks, PAUSES_MS.length - 1)]);
    timer.unref();
    looks += 1;
  }

  schedule();
  return () => {
    clearTimeout(timer);
    timer = undefined;
    return seen;
  };
}
