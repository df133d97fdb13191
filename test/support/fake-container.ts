import { setTimeout as sleep } from 'node:timers/promises';
import type { ContainerSpec } from '../../src/engine/container-engine.ts';
import type { OutputFrame, OutputStream } from '../../src/output/output-store.ts';
import type { ContainerExit } from '../../src/process/outcome.ts';

/** What a program does, in order: writes (standard output unless said otherwise), or waits for the test. */
export type Step = { readonly print: string | Uint8Array; readonly on?: OutputStream } | { readonly wait: Promise<unknown> };

/** A container's whole behaviour, faults included, as data. */
export interface Script {
  readonly steps?: readonly Step[];
  /** How the program ends after its steps: an exit code (0 by default), for lack of memory, or never by itself. */
  readonly ends?: number | 'oom' | 'never';
  readonly ignoresTerm?: true;
  /** The engine refuses to start it, with this error. */
  readonly startFails?: Error;
  /** The engine takes so long to create it. */
  readonly startTakes?: Promise<unknown>;
  /** The program runs, and the engine takes so long to say so. */
  readonly answerTakes?: Promise<unknown>;
  /** The connection breaks during the start: nobody is told, and the container stays behind as it then is. */
  readonly startLost?: 'created' | 'started';
  /** So many milliseconds ago it was created, by the engine's clock. */
  readonly age?: number;
  /** Where the first, second, … reading of the output breaks, in bytes from the program's first. */
  readonly cuts?: readonly number[];
}

export interface FakeContainer {
  readonly id: string;
  readonly processId: string;
  readonly sandboxId: string;
  readonly instance: string;
  readonly createdAt: number;
  /** Undefined: created, and never started. */
  readonly startedAt: () => number | undefined;
  readonly exit: Promise<ContainerExit>;
  start(): void;
  /** A new reading of the output, from the first byte. `broken` resolves when the connections break. */
  read(broken: Promise<unknown>): AsyncIterable<readonly OutputFrame[]>;
  /** SIGTERM, and SIGKILL after the grace. */
  stop(graceMs: number): Promise<void>;
  /** It is gone, whatever it was doing. */
  vanish(): void;
}

export function createFakeContainer(spec: ContainerSpec, { id, instance, script }: { id: string; instance: string; script: Script }): FakeContainer {
  const log = createLog();
  const exit = Promise.withResolvers<ContainerExit>();
  const cuts = [...(script.cuts ?? [])];
  let startedAt: number | undefined;

  function end(how: ContainerExit): void {
    exit.resolve(how);
    log.close();
  }

  async function run(): Promise<void> {
    for (const step of script.steps ?? []) {
      if ('print' in step) log.append({ stream: step.on ?? 'stdout', data: Buffer.from(step.print) });
      else await Promise.race([step.wait, exit.promise]);
    }
    if (script.ends !== 'never') end(endOf(script));
  }

  return {
    id,
    processId: spec.processId,
    sandboxId: spec.sandboxId,
    instance,
    createdAt: Date.now() - (script.age ?? 0),
    startedAt: () => startedAt,
    exit: exit.promise,
    start() {
      startedAt = Date.now();
      void run();
    },
    read: (broken) => log.read({ broken, cut: cuts.shift() ?? Number.POSITIVE_INFINITY }),
    async stop(graceMs) {
      if (script.ignoresTerm) await Promise.race([exit.promise, sleep(graceMs)]);
      end(exited(script.ignoresTerm ? 137 : 143));
    },
    vanish: () => end({ kind: 'vanished', reason: 'The container was removed.' }),
  };
}

function endOf({ ends = 0 }: Script): ContainerExit {
  return ends === 'oom' ? exited(137, { oomKilled: true }) : exited(Number(ends));
}

function exited(exitCode: number, { oomKilled } = { oomKilled: false }): ContainerExit {
  return { kind: 'exited', exitCode, oomKilled, endedAt: Date.now() };
}

/** What a container has written: takes nothing more once it is closed, and can be read from the start any number of times. */
function createLog() {
  const frames: OutputFrame[] = [];
  let changed = Promise.withResolvers<void>();
  let isClosed = false;

  function notify(): void {
    changed.resolve();
    changed = Promise.withResolvers();
  }

  async function* readAll(broken: Promise<unknown>): AsyncGenerator<OutputFrame> {
    const breaks = broken.then(() => Promise.reject(new Error('the connection to the engine broke')));
    breaks.catch(() => undefined);
    for (let next = 0; next < frames.length || !isClosed; ) {
      const frame = frames[next];
      if (!frame) await Promise.race([changed.promise, breaks]);
      else {
        next += 1;
        yield frame;
      }
    }
  }

  async function* read({ broken, cut }: { broken: Promise<unknown>; cut: number }): AsyncGenerator<readonly OutputFrame[]> {
    let left = cut;
    for await (const { stream, data } of readAll(broken)) {
      yield [{ stream, data: data.subarray(0, left) }];
      left -= data.length;
      if (left <= 0) throw new Error('the connection to the engine broke');
    }
  }

  return {
    append(frame: OutputFrame): void {
      if (!isClosed) frames.push(frame);
      notify();
    },
    close(): void {
      isClosed = true;
      notify();
    },
    read,
  };
}
