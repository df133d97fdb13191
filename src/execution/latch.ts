/** Joins a listener, which is called, to a loop, which waits: what came while the loop was busy is not missed, and however much came wakes it once. */
export interface Latch {
  readonly open: () => void;
  /** Resolves when it has been opened since the last call, at the latest after `ms`, or when the signal is aborted. Never rejects. */
  next(ms: number, signal: AbortSignal): Promise<void>;
}

export function createLatch(): Latch {
  let isOpen = false;
  let wake: (() => void) | undefined;

  async function wait(ms: number, signal: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, ms);
    const onAbort = () => resolve();
    signal.addEventListener('abort', onAbort);
    wake = resolve;
    await promise;
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
  }

  return {
    open() {
      isOpen = true;
      wake?.();
    },
    async next(ms, signal) {
      if (!isOpen && !signal.aborted) await wait(ms, signal);
      isOpen = false;
      wake = undefined;
    },
  };
}
