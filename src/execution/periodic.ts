import type { Log } from './log.ts';

export interface Periodic {
  readonly what: string;
  readonly everyMs: number;
  readonly work: () => Promise<void>;
}

/** Does something again and again, one at a time, until the server lets go. A failure is logged and does not keep the next from coming. */
export function repeat({ what, everyMs, work }: Periodic, log: Log, closing: AbortSignal): void {
  let timer: NodeJS.Timeout | undefined;
  closing.addEventListener('abort', () => clearTimeout(timer), { once: true });
  function schedule(): void {
    if (closing.aborted) return;
    timer = setTimeout(() => void run(), everyMs);
    timer.unref();
  }
  async function run(): Promise<void> {
    await work().catch((error) => closing.aborted || log.warn({ err: error }, `${what} failed; it is tried again`));
    schedule();
  }
  schedule();
}
