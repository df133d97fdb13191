/** Seeds that have found something once, up to the request that did. They are played with every run of the tests. */
export const KEPT_SEEDS: readonly { readonly seed: number; readonly requests: number; readonly found: string }[] = [
  { seed: 4, requests: 640, found: 'a body in the answer to a HEAD whose headers were too large' },
  { seed: 333_113, requests: 1_000, found: 'requests that wait for a paused sandbox as long as their client lets them' },
];
