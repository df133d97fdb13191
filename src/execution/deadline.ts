/** Time that runs out, but not while it is held. */
export interface Deadline {
  hold(): void;
  /** It goes on with what was left. */
  release(): void;
  cancel(): void;
}

export function createDeadline(ms: number, onOver: () => void): Deadline {
  let left = Math.max(0, ms);
  let since: number | undefined;
  let timer: NodeJS.Timeout | undefined;

  function release(): void {
    if (since !== undefined) return;
    since = Date.now();
    timer = setTimeout(onOver, left);
  }

  function hold(): void {
    if (since === undefined) return;
    clearTimeout(timer);
    left = Math.max(0, left - (Date.now() - since));
    since = undefined;
  }

  release();
  return { hold, release, cancel: () => clearTimeout(timer) };
}
