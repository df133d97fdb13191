import type { ContainerEngine } from '../engine/container-engine.ts';

/** Asking takes the engine some milliseconds, so an answer serves every submission for this long. */
const FRESH_MS = 2_000;

/**
 * What the engine's disk has left, in bytes, as it was known last; without bound until it is, and where nobody can tell. An old answer is asked for again
 * and serves until the new one is there: no submission waits for the engine.
 */
export function createEngineRoom(engine: Pick<ContainerEngine, 'diskUse'>): () => number {
  let known = Number.POSITIVE_INFINITY;
  let askedAt = Number.NEGATIVE_INFINITY;
  return () => {
    if (Date.now() - askedAt > FRESH_MS) {
      askedAt = Date.now();
      engine.diskUse([]).then(
        ({ freeBytes }) => {
          known = freeBytes ?? Number.POSITIVE_INFINITY;
        },
        () => undefined,
      );
    }
    return known;
  };
}
