import type { ContainerEngine } from '../engine/container-engine.ts';

/** Asking takes the engine some milliseconds, so an answer serves every submission for this long. */
const FRESH_MS = 2_000;

/** What the engine's disk has left, in bytes; without bound where nobody can tell. Never rejects. */
export function createEngineRoom(engine: Pick<ContainerEngine, 'diskUse'>): () => Promise<number> {
  let asked: { readonly at: number; readonly answer: Promise<number> } | undefined;
  return () => {
    if (!asked || Date.now() - asked.at > FRESH_MS) {
      const answer = engine.diskUse([]).then(
        ({ freeBytes }) => freeBytes ?? Number.POSITIVE_INFINITY,
        () => Number.POSITIVE_INFINITY,
      );
      asked = { at: Date.now(), answer };
    }
    return asked.answer;
  };
}
