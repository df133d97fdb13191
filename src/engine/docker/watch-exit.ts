import { setTimeout as sleep } from 'node:timers/promises';
import type Docker from 'dockerode';
import type { Container, ContainerInspectInfo } from 'dockerode';
import type { ContainerExit } from '../../process/outcome.ts';
import { QUICK_MS, withDeadline } from './deadline.ts';
import { notThere } from './errors.ts';
import { type Note, readNote } from './noted.ts';

/** How long the wait call may trail the end of the output before we ask by ourselves. */
const WAIT_TRAILS_MS = 2_000;
/** Between two looks at a container whose engine does not answer, or whose wait call is broken. */
const RETRY_MS = 1_000;
/** Clocks and the break of a connection are not exact to more than this. */
const SLACK_MS = 2_000;
/** What the engine says of a container that somebody removes by force: it is killed first, and can be seen so for a moment. */
const FORCED_CODE = 137;
/** Of SIGTERM and SIGKILL, with which engines and their operators end containers. The kernel ends with SIGKILL what lacks memory. */
const STOPPED_CODES = [143, 137];
const KILLED_CODE = 137;
/**
 * How long a lack of memory may still be noted after the exit. Of 1,750 such ends beside others 61 were noted after it, by up to 240 ms on an engine that
 * was as late to tell of the exit; one was never noted.
 */
const NOTED_LATE_MS = 250;

const REMOVED: ContainerExit = { kind: 'vanished', reason: 'The container was removed from outside Coracle while the process ran. Submit it again.' };
const ENGINE_STOPPED: ContainerExit = { kind: 'vanished', reason: 'The container engine stopped while the process ran, and stopped it. Submit it again.' };
const STOPPED: ContainerExit = {
  kind: 'vanished',
  reason: 'The container engine, or somebody at it, stopped the container while the process ran. Submit it again.',
};

export interface Watched {
  readonly docker: Docker;
  readonly container: Container;
  readonly streamEnd: Promise<void>;
  /** By us: to stop it, or only to send it a signal. */
  readonly asked: () => 'stop' | 'signal' | undefined;
  /** Since when the engine did not answer, in milliseconds since 1970, where it has only just come back. */
  readonly awaySince?: number | undefined;
  /** It ran when the watch began: when the wait call answers, it has only just ended. */
  readonly isFresh: boolean;
}

interface WaitAnswer {
  readonly StatusCode?: number;
  readonly Error?: unknown;
}

/**
 * The wait call tells that the program has ended, but its connection can break without a word; the end of the output tells too. Either only makes us
 * look: what the engine then says of the container is the answer, also because only that tells of a lack of memory. Exit code 0 needs no look: who lacks
 * memory, is removed or stopped has another one.
 */
export async function watchExit(watched: Watched): Promise<ContainerExit> {
  const { container, streamEnd, isFresh } = watched;
  let { awaySince } = watched;
  const since = Date.now() - SLACK_MS;
  const waited: Promise<WaitAnswer | undefined> = container.wait().catch(() => {
    awaySince ??= Date.now();
  });
  const answer = await Promise.race([waited, streamEnd.then(() => sleep(WAIT_TRAILS_MS, undefined, { ref: false }))]);
  if (isFresh && answer?.StatusCode === 0 && !answer.Error) return { kind: 'exited', exitCode: 0, oomKilled: false, endedAt: Date.now() };
  for (;;) {
    try {
      const exit = exitOf(await inspectContainer(container));
      if (exit) return await explain(watched, exit, { awaySince, since });
      // It has outlived whatever that was.
      awaySince = undefined;
    } catch {
      awaySince ??= Date.now();
    }
    await sleep(RETRY_MS, undefined, { ref: false });
  }
}

export async function inspectContainer(container: Container): Promise<ContainerInspectInfo | undefined> {
  return withDeadline(container.inspect().catch(notThere), { ms: QUICK_MS, what: 'inspect a container' });
}

function exitOf(info: ContainerInspectInfo | undefined): ContainerExit | undefined {
  if (!info) return REMOVED;
  const { Running, ExitCode, OOMKilled, FinishedAt, Status } = info.State;
  if (Running) return undefined;
  if (Status === 'removing' && !OOMKilled && ExitCode === FORCED_CODE) return REMOVED;
  return { kind: 'exited', exitCode: ExitCode, oomKilled: OOMKilled, endedAt: Date.parse(FinishedAt) };
}

/**
 * A container that was stopped from outside, or ended while the engine was away. Without live-restore an engine that stops takes its containers down, whatever exit code they then have;
 * otherwise they have ended by themselves, or as we asked, but nobody was there to take what they wrote last.
 */
async function explain(watched: Watched, exit: ContainerExit, { awaySince, since }: { awaySince: number | undefined; since: number }): Promise<ContainerExit> {
  const { docker, asked } = watched;
  if (exit.kind !== 'exited') return exit;
  const note = await noteOf(watched, exit, since);
  // An engine that goes down takes its containers down first, and still answers meanwhile.
  if (note === 'kill' && !asked()) return STOPPED;
  const told = { ...exit, oomKilled: exit.oomKilled || note === 'oom' };
  if (awaySince === undefined || (exit.endedAt ?? 0) < awaySince - SLACK_MS) return told;
  if (asked() || told.oomKilled || (await hasLiveRestore(docker))) return { ...told, mayLackOutput: true };
  return ENGINE_STOPPED;
}

/** Looked up only where it can change what the exit code says: not of what we have stopped, for whatever reason that was. */
async function noteOf({ docker, container, asked }: Watched, exit: ContainerExit & { kind: 'exited' }, since: number): Promise<Note | undefined> {
  const telling = asked() === 'stop' ? [] : asked() === 'signal' ? [KILLED_CODE] : STOPPED_CODES;
  if (exit.oomKilled || !telling.includes(exit.exitCode)) return undefined;
  const forMs = exit.exitCode === KILLED_CODE && !asked() ? NOTED_LATE_MS : 0;
  return readNote(docker, container.id, { since: Math.min(since, (exit.endedAt ?? since) - SLACK_MS), forMs });
}

async function hasLiveRestore(docker: Docker): Promise<boolean> {
  return (await withDeadline(docker.info(), { ms: QUICK_MS, what: 'tell its settings' })).LiveRestoreEnabled;
}
