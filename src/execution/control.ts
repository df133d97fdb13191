import type { RunningContainer, Signal } from '../engine/container-engine.ts';
import { CoracleError } from '../errors.ts';
import type { ProcessStore } from '../process/process-store.ts';
import type { ProcessRecord, Scope } from '../process/record.ts';
import { isTerminal } from '../process/status.ts';
import type { PausedSandboxes } from './paused.ts';
import type { Supervisor } from './supervisor.ts';
import { type Patience, type WaitDependencies, waitUntil } from './wait.ts';

export interface ControlDependencies extends WaitDependencies {
  readonly store: ProcessStore;
  readonly supervisor: Pick<Supervisor, 'containerOf'>;
  readonly paused: PausedSandboxes;
}

export interface Input {
  readonly data: Uint8Array;
  /** End of file after the data. */
  readonly isLast: boolean;
}

/** `SIGSTOP` and `SIGCONT` freeze everything in the container and let it go on: no program can refuse that, nor see it. */
export type ControlSignal = Exclude<Signal, 'SIGQUIT'> | 'SIGSTOP' | 'SIGCONT';

/** What reaches into a process that runs. All reject with CONFLICT where the process is not in a state for it, and answer undefined for one that is not in the scope. */
export interface Control {
  /**
   * Sends to the program's standard input, and resolves when the engine has taken it; a process that waits for its place is waited for. Rejects with CONFLICT
   * once the input is closed, as it is from the start unless the request has left it open, and when its server has ended; INPUT_FULL while the program
   * reads nothing of what was sent before.
   */
  send(scope: Scope, id: string, input: Input & Patience): Promise<ProcessRecord | undefined>;
  signal(scope: Scope, id: string, signal: ControlSignal): Promise<ProcessRecord | undefined>;
}

const FREEZING: readonly ControlSignal[] = ['SIGSTOP', 'SIGCONT'];
/** Bytes on their way to one program. */
const MOST_PENDING = 8 * 1024 * 1024;

export function createControl({ store, events, supervisor, paused }: ControlDependencies): Control {
  const pending = createPending();

  async function runningOf(record: ProcessRecord): Promise<RunningContainer> {
    const container = isTerminal(record.status) ? undefined : await supervisor.containerOf(record.id);
    if (!container) throw new CoracleError('CONFLICT', `Process ${record.id} has ended.`);
    return container;
  }

  return {
    async send(scope, id, { data, isLast, ...patience }) {
      const record = await waitUntil({ store, events }, { scope, id, ...patience }, ({ status }) => status !== 'queued');
      if (!record) return undefined;
      if (record.status === 'queued') throw new CoracleError('CONFLICT', `Process ${id} still waits for its place. Send its input again later.`);
      const container = await runningOf(record);
      if (container.stdin.isEnded) throw closed(id);
      const release = pending.hold(id, data.length);
      const written = container.stdin.write(data).finally(release);
      if (isLast) container.stdin.end();
      await orGone(written, patience.signal);
      return record;
    },

    async signal(scope, id, signal) {
      const record = await store.find(scope, id);
      if (!record) return undefined;
      if (record.status === 'queued') throw new CoracleError('CONFLICT', `Process ${id} has not started. Signal it when it runs, or kill it.`);
      if (FREEZING.includes(signal) && paused.has(scope)) throw new CoracleError('CONFLICT', 'The sandbox is paused, and its processes are frozen. Resume it.');
      await deliver(await runningOf(record), signal);
      return record;
    },
  };
}

function deliver(container: RunningContainer, signal: ControlSignal): Promise<void> {
  if (signal === 'SIGSTOP') return container.pause();
  return signal === 'SIGCONT' ? container.resume() : container.signal(signal);
}

function createPending() {
  const bytes = new Map<string, number>();
  function add(id: string, size: number): void {
    const sum = (bytes.get(id) ?? 0) + size;
    if (sum > 0) bytes.set(id, sum);
    else bytes.delete(id);
  }
  return {
    hold(id: string, size: number): () => void {
      const before = bytes.get(id) ?? 0;
      if (before > 0 && before + size > MOST_PENDING)
        throw new CoracleError('INPUT_FULL', `Process ${id} has not read what was sent to it before. Send more when it has.`);
      add(id, size);
      return () => add(id, -size);
    },
  };
}

/** What a program does not read would hold up a shutdown; its input ends with the server anyway. */
async function orGone(work: Promise<void>, signal: AbortSignal): Promise<void> {
  const gone = Promise.withResolvers<void>();
  const onAbort = () => gone.reject(new CoracleError('SERVICE_UNAVAILABLE', 'The program may not have got all of this input: the wait for it was given up.'));
  signal.addEventListener('abort', onAbort);
  if (signal.aborted) onAbort();
  await Promise.race([work, gone.promise]).finally(() => signal.removeEventListener('abort', onAbort));
}

function closed(id: string): CoracleError {
  return new CoracleError('CONFLICT', `The standard input of ${id} is closed. It stays open when the request has "stdin": {"data": "", "close": false}.`);
}
