import type { Duplex, Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Container } from 'dockerode';
import type { OutputTimes } from '../../output/output-store.ts';
import { QUICK_MS, withDeadline } from './deadline.ts';
import { demultiplex } from './demux.ts';
import { statusOf, translate } from './errors.ts';

/** Somebody removed the container between two looks at it. */
export class ContainerGone extends Error {}

export interface FollowedLogs {
  readonly stream: AsyncIterable<Uint8Array>;
  readonly isFromStart: boolean;
}

/**
 * What the engine has logged of a container, and then what it goes on to write. The log is bounded, so a talkative program loses its beginning there:
 * then the stream begins after the newest piece that was kept, and what was written between, while nobody listened, cannot be told from what was not.
 */
export async function followLogs(container: Container, kept: OutputTimes | undefined): Promise<FollowedLogs> {
  const isFromStart = kept === undefined || !((await firstLogTime(container)) > kept.first);
  const since = isFromStart || !kept ? {} : { since: (kept.last / 1000).toFixed(3) };
  return { stream: await openLogs(container, since), isFromStart };
}

/** An engine logs a piece before it hands it on, so a log that has its beginning begins no later than the first piece came to us. NaN for an empty log. */
async function firstLogTime(container: Container): Promise<number> {
  const stream = await openLogs(container, { timestamps: true });
  try {
    return await Promise.race([firstTime(stream), sleep(QUICK_MS, Number.NaN, { ref: false })]);
  } finally {
    stream.destroy();
  }
}

async function firstTime(stream: Readable): Promise<number> {
  let text = '';
  for await (const frames of demultiplex(stream)) {
    text += frames.map(({ data }) => Buffer.from(data).toString('latin1')).join('');
    const end = text.indexOf(' ');
    if (end > 0) return Date.parse(text.slice(0, end));
  }
  return Number.NaN;
}

async function openLogs(container: Container, options: { since?: string; timestamps?: boolean }): Promise<Readable> {
  const opened = container.logs({ follow: true, stdout: true, stderr: true, ...options } as never) as unknown as Promise<Duplex>;
  const translated = opened.catch((error) => {
    throw statusOf(error) === 404 ? new ContainerGone() : translate(error);
  });
  return withDeadline(translated, { ms: QUICK_MS, what: 'read the log of a container', discard: (late) => late.destroy() });
}
