import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Container } from 'dockerode';
import type { OutputFrame, OutputTimes } from '../../output/output-store.ts';
import { LOG_FILES } from './container-options.ts';
import { QUICK_MS, withDeadline } from './deadline.ts';
import { statusOf, translate } from './errors.ts';
import { createSeenEntries, logEntries } from './log-entries.ts';

/** Somebody removed the container between two looks at it. */
export class ContainerGone extends Error {}

export interface FollowedLogs {
  readonly output: AsyncIterable<readonly OutputFrame[]>;
  readonly isFromStart: boolean;
}

/**
 * What the engine has logged of a container, and then what it goes on to write. The log is bounded, so a talkative program loses its beginning there:
 * then the stream begins after the newest piece that was kept, and what was written between, while nobody listened, cannot be told from what was not.
 */
export async function followLogs(container: Container, kept: OutputTimes | undefined): Promise<FollowedLogs> {
  const isFromStart = kept === undefined || !((await firstLogTime(container)) > kept.first) || (await isUnbroken(container));
  const since = isFromStart || !kept ? {} : { since: (kept.last / 1000).toFixed(3) };
  return { output: readAll(container, await openLogs(container, since), since), isFromStart };
}

/** What is left of a log that has lost its oldest file has at least this much, less what did not fit at the ends of the files. */
const ROTATED_BYTES = LOG_FILES.megabytes * 1e6 * (LOG_FILES.count - 1) * 0.95;
/** Most that an entry takes in the engine's log besides its data. */
const ENTRY_BYTES = 128;

/**
 * Whether a log is too small to have lost anything. A loaded engine can hand a piece on well before it logs it, and clocks of two machines differ, so
 * that a log that begins late by its times may be whole.
 */
async function isUnbroken(container: Container): Promise<boolean> {
  let bytes = 0;
  for await (const entries of logEntries(await openLogs(container, { follow: false }))) {
    bytes += entries.reduce((sum, { data }) => sum + data.length + ENTRY_BYTES, 0);
    if (bytes >= ROTATED_BYTES) return false;
  }
  return true;
}

interface Since {
  readonly since?: string;
}

/**
 * Engine 20.10 ends the log of a container that ends while it is followed before its last entries, now and then, and as if that were all. So it is asked
 * once more, for what came after the last entry that we have: the log of a container that has ended is read from its file, to its end.
 */
async function* readAll(container: Container, followed: Readable, begin: Since): AsyncGenerator<readonly OutputFrame[]> {
  const seen = createSeenEntries();
  for await (const entries of logEntries(followed)) {
    seen.note(entries);
    yield entries;
  }
  const since = seen.since();
  for await (const entries of logEntries(await openLogs(container, since ? { since } : begin))) {
    yield entries.filter(seen.isNew);
  }
}

/** NaN for an empty log. One that has its beginning mostly begins no later than the first piece came to us. */
async function firstLogTime(container: Container): Promise<number> {
  const stream = await openLogs(container, {});
  try {
    return await Promise.race([firstTime(stream), sleep(QUICK_MS, Number.NaN, { ref: false })]);
  } finally {
    stream.destroy();
  }
}

async function firstTime(stream: Readable): Promise<number> {
  for await (const [first] of logEntries(stream)) if (first) return Math.floor(Number(first.time) * 1000);
  return Number.NaN;
}

interface LogRequest extends Since {
  /** Goes on with what is written, by default; otherwise the log ends with what is there. */
  readonly follow?: boolean;
}

/** Not through the client's own call: that would hold a log that is not followed in memory, whole. */
async function openLogs(container: Container, { follow = true, ...since }: LogRequest): Promise<Readable> {
  const { promise: opened, resolve, reject } = Promise.withResolvers<Readable>();
  container.modem.dial(
    {
      path: `/containers/${container.id}/logs?`,
      method: 'GET',
      isStream: true,
      statusCodes: { 200: true, 404: 'no such container', 500: 'server error' },
      options: { follow, stdout: true, stderr: true, timestamps: true, ...since },
    },
    (error: unknown, stream: Readable) => (error ? reject(error) : resolve(stream)),
  );
  const translated = opened.catch((error) => {
    throw statusOf(error) === 404 ? new ContainerGone() : translate(error);
  });
  return withDeadline(translated, { ms: QUICK_MS, what: 'read the log of a container', discard: (late) => late.destroy() });
}
