import { setTimeout as sleep } from 'node:timers/promises';
import { coracle, type Run } from '../../support/built.ts';
import type { Spells } from './spells.ts';

/** Starts the built server again whenever it is gone, as a service manager does. */
export interface ServerKeeper {
  /** SIGKILL; the next one starts after the pause. Nothing happens while there is none. */
  kill(pauseMs: number): void;
  kills(): number;
  /** When and how servers ended that nobody had killed. */
  readonly deaths: readonly { readonly at: number; readonly how: string }[];
  /** All that the servers have logged. */
  log(): string;
  /** Ends the last server, once. Answers what it exited with. */
  stop(signal: 'SIGTERM' | 'SIGKILL'): Promise<number | NodeJS.Signals | null>;
}

export interface ServerKeeperOptions {
  readonly url: string;
  readonly env: NodeJS.ProcessEnv;
  /** Where it is written down when no server was there. */
  readonly away: Spells;
}

const PAUSE_MS = 500;
const LAST_WORDS = 2_000;

export function keepServer({ url, env, away }: ServerKeeperOptions): ServerKeeper {
  const deaths: { at: number; how: string }[] = [];
  const runs: Run[] = [];
  let pause = PAUSE_MS;
  let kills = 0;
  let isKilled = false;
  let isStopping = false;

  async function serve(): Promise<number | NodeJS.Signals | null> {
    for (;;) {
      const run = coracle(['serve'], env);
      runs.push(run);
      void untilListening(url, run).then((isUp) => isUp && !isKilled && run === runs.at(-1) && away.end());
      const exit = await run.exit;
      if (isStopping) return exit;
      away.begin();
      if (!isKilled) deaths.push({ at: Date.now(), how: `${exit}: ${run.output().slice(-LAST_WORDS)}` });
      isKilled = false;
      await sleep(pause);
      if (isStopping) return exit;
      pause = PAUSE_MS;
    }
  }

  away.begin();
  const served = serve();
  return {
    kill(pauseMs) {
      const run = runs.at(-1);
      if (isKilled || run?.child.exitCode !== null || !run.child.kill('SIGKILL')) return;
      isKilled = true;
      kills += 1;
      pause = pauseMs;
      away.begin();
    },
    kills: () => kills,
    deaths,
    log: () => runs.map((run) => run.output()).join(''),
    async stop(signal) {
      isStopping = true;
      runs.at(-1)?.child.kill(signal);
      return served;
    },
  };
}

async function untilListening(url: string, { child }: Run): Promise<boolean> {
  while (child.exitCode === null && child.signalCode === null) {
    const answer = await fetch(`${url}/health`, { signal: AbortSignal.timeout(PAUSE_MS) }).catch(() => undefined);
    if (answer) return true;
    await sleep(PAUSE_MS / 10);
  }
  return false;
}
