const FIRST_MS = 100;
const MOST_MS = 5_000;

/** How long to wait before the next try, in milliseconds: twice as long each time, and spread, so that many clients do not come back at once. */
export function backOff(failures: number): number {
  const longest = Math.min(MOST_MS, FIRST_MS * 2 ** failures);
  return longest * (0.5 + Math.random() / 2);
}

/** Resolves after `ms`; rejects with the signal's reason when that comes first. */
export function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop);
      resolve();
    }, ms);
    function stop(): void {
      clearTimeout(timer);
      reject(signal?.reason);
    }
    signal?.addEventListener('abort', stop, { once: true });
  });
}
