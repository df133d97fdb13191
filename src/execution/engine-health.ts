import type { ContainerEngine } from '../engine/container-engine.ts';

/** Asking takes the engine some milliseconds and /health needs no token, so an answer serves everybody for this long. */
const FRESH_MS = 2_000;

export interface EngineHealth {
  isReachable(): Promise<boolean>;
}

export function createEngineHealth(engine: ContainerEngine): EngineHealth {
  let asked: { readonly at: number; readonly answer: Promise<boolean> } | undefined;
  return {
    isReachable() {
      if (!asked || Date.now() - asked.at > FRESH_MS) {
        const answer = engine.ping().then(
          () => true,
          () => false,
        );
        asked = { at: Date.now(), answer };
      }
      return asked.answer;
    },
  };
}
