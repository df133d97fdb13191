/** Joins a listener, which is called, to a loop, which waits: what came while the loop was busy is not missed, and however much came wakes it once. */
export interface Latch {
  readonly open: () => void;
  /** Resolves when it has been opened since the last call, at the latest after `ms`, or when the signal is aborted. Never rejects. */
  next(ms: number, signal: AbortSignal): Promise<Woken>;
}

export type Woken = 'opened' | 'late' | 'aborted';

export function createLatch(): Latch {
  let isOpen = false;
  let wake: ((how: Woken) => void) | undefined;

  async function wait(ms: number, signal: AbortSignal): Promise<Woken> {
    const { promise, resolve } = Promise.withResolvers<Woken>();
    const timer = setTimeout(resolve, ms, 'late');
    const onAbort = () => resolve('aborted');
    signal.addEventListener('abort', onAbort);
    wake = resolve;
    const how = await promise;
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
    return how;
  }

  return {
    open() {
      isOpen = true;
      wake?.('opened');
    },
    async next(ms, signal) {
      if (signal.aborted) return 'aborted';
      const how = isOpen ? 'opened' : await wait(ms, signal);
      isOpen = false;
      wake = undefined;
      return how;
    },
  };
}
