import { RUNSC } from '../../src/setup/gvisor.ts';
import type { EngineSettings } from '../support/private-engine.ts';

/** Tests ask for gVisor by name too, whatever an engine uses by itself, and hold containers without a network against some with one. */
const USUAL = { runtimes: { runsc: RUNSC }, bridge: '', iptables: true };

/** How operators set up the engine beside the usual way: `default` is the user dockremap, whom dockerd makes with its numbers where it is missing. */
export const ENGINES = {
  userns: { ...USUAL, 'userns-remap': 'default' },
  gvisor: { ...USUAL, 'default-runtime': 'runsc' },
} satisfies Record<string, EngineSettings>;

export type EngineName = keyof typeof ENGINES;

export function isEngineName(word: string): word is EngineName {
  return Object.hasOwn(ENGINES, word);
}
