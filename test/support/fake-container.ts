import { constants } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ContainerSpec, ProgramInput, Signal } from '../../src/engine/container-engine.ts';
import { type Job, NO_JOB_EXIT_CODE } from '../../src/engine/job.ts';
import type { OutputFrame, OutputStream } from '../../src/output/output-store.ts';
import type { ContainerLimits } from '../../src/process/limits.ts';
import type { ContainerExit } from '../../src/process/outcome.ts';

/** What a program does, in order: writes (standard output unless said otherwise), writes back what it reads to the end of its input, or waits for the test. */
export type Step = { readonly print: string | Uint8Array; readonly on?: OutputStream } | { readonly wait: Promise<unknown> } | 'echo input';

/** A container's whole behaviour, faults included, as data. */
export interface Script {
  readonly steps?: readonly Step[];
  /** How the program ends after its steps: an exit code (0 by default), for lack of memory, or never by itself. */
  readonly ends?: number | 'oom' | 'never';
  readonly ignoresTerm?: true;
  /** What it does with its job, in place of what stands here. */
  readonly onJob?: (job: Job, limits: ContainerLimits) => Script;
  /** The launcher ends before it gets its job: as soon as it has started, or when the job comes. */
  readonly leaves?: 'at once' | 'at the job';
  /** The engine refuses to start it, with this error. */
  readonly startFails?: Error;
  /** The engine takes so long to create it. */
  readonly startTakes?: Promise<unknown>;
  /** The container has started, and the engine takes so long to say so. */
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
  readonly sandboxId: string;
  readonly network: ContainerSpec['network'];
  readonly instance: string;
  readonly createdAt: number;
  /** Whoever prepared it has not given it its job yet. */
  isHeld: boolean;
  isStarted(): boolean;
  hasJob(): boolean;
  readonly exit: Promise<ContainerExit>;
  /** Resolves when its launcher has left without a job. */
  readonly left: Promise<void>;
  readonly stdin: ProgramInput;
  start(): void;
  fit(limits: ContainerLimits): void;
  /** Says whether the launcher took the job. */
  give(job: Job): boolean;
  /** A new reading of the output, from the first byte. `broken` resolves when the connections break. */
  read(broken: Promise<unknown>): AsyncIterable<readonly OutputFrame[]>;
  /** SIGTERM, and SIGKILL after the grace. */
  stop(graceMs: number): Promise<void>;
  signal(signal: Signal): void;
  pause(): void;
  resume(): void;
  /** It is gone, whatever it was doing. */
  vanish(): void;
}

export function createFakeContainer(spec: ContainerSpec, { id, instance, script }: { id: string; instance: string; script: Script }): FakeContainer {
  const log = createLog();
  const exit = Promise.withResolvers<ContainerExit>();
  const left = Promise.withResolvers<void>();
  const cuts = [...(script.cuts ?? [])];
  const input = createInput(exit.promise);
  const freezer = createFreezer();
  let program = script;
  let { limits } = spec;
  let state: 'created' | 'waiting' | 'has job' | 'left' = 'created';

  function end(how: ContainerExit): void {
    exit.resolve(how);
    log.close();
  }

  async function take(step: Step): Promise<void> {
    if (step === 'echo input') log.append({ stream: 'stdout', data: await input.all });
    else if ('print' in step) log.append({ stream: step.on ?? 'stdout', data: Buffer.from(step.print) });
    else await Promise.race([step.wait, exit.promise]);
  }

  async function run(): Promise<void> {
    for (const step of program.steps ?? []) {
      await freezer.thawed();
      await take(step);
    }
    await freezer.thawed();
    if (program.ends !== 'never') end(endOf(program));
  }

  function leave(): void {
    state = 'left';
    left.resolve();
    end(exited(NO_JOB_EXIT_CODE));
  }

  return {
    id,
    sandboxId: spec.sandboxId,
    network: spec.network,
    instance,
    createdAt: Date.now() - (script.age ?? 0),
    isHeld: false,
    isStarted: () => state !== 'created',
    hasJob: () => state === 'has job',
    exit: exit.promise,
    left: left.promise,
    stdin: input.stdin,
    start() {
      state = 'waiting';
      if (script.leaves === 'at once') leave();
    },
    fit(changed) {
      limits = { ...changed, tmpBytes: limits.tmpBytes };
    },
    give(job) {
      if (script.leaves === 'at the job') leave();
      if (state !== 'waiting') return false;
      state = 'has job';
      program = script.onJob?.(job, limits) ?? script;
      void run();
      return true;
    },
    read: (broken) => log.read({ broken, cut: cuts.shift() ?? Number.POSITIVE_INFINITY }),
    async stop(graceMs) {
      if (program.ignoresTerm) await Promise.race([exit.promise, sleep(graceMs)]);
      end(exited(program.ignoresTerm ? 137 : 143));
    },
    signal: (signal) => end(exited(128 + constants.signals[signal])),
    pause: freezer.freeze,
    resume: freezer.thaw,
    vanish() {
      if (state === 'waiting') leave();
      end({ kind: 'vanished', reason: 'The container was removed.' });
    },
  };
}

/** A program's standard input, which it reads to the end. */
function createInput(exit: Promise<unknown>) {
  const all = Promise.withResolvers<Buffer>();
  const parts: Uint8Array[] = [];
  let isEnded = false;
  function end(): void {
    isEnded = true;
    all.resolve(Buffer.concat(parts));
  }
  void exit.then(end);
  const stdin: ProgramInput = {
    write: async (data) => void (isEnded || parts.push(data)),
    end,
    get isEnded() {
      return isEnded;
    },
  };
  return { stdin, all: all.promise };
}

function createFreezer() {
  let frozen: PromiseWithResolvers<void> | undefined;
  return {
    thawed: async () => frozen?.promise,
    freeze(): void {
      frozen ??= Promise.withResolvers();
    },
    thaw(): void {
      frozen?.resolve();
      frozen = undefined;
    },
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
      const lent = Buffer.from(data.subarray(0, left));
      yield [{ stream, data: lent }];
      // As the port says: who has kept it without a copy finds out.
      lent.fill('!');
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
