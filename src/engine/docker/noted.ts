import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import type Docker from 'dockerode';
import { QUICK_MS, withDeadline } from './deadline.ts';
import { statusOf } from './errors.ts';

/** `oom`: something in the container lacked memory. `kill`: the engine has sent it a signal; a program's own signals are not among them. */
export type Note = 'oom' | 'kill';

interface Asked {
  /** Milliseconds since 1970. */
  readonly since: number;
  /** How long it may still be noted. Nobody waits when it has been noted already. */
  readonly forMs: number;
}

/**
 * What the engine has noted of a container, which its state does not always tell: that it lacked memory can come after its exit, and is then in no state.
 * What was noted first counts, but a lack of memory before all. Nothing where the engine's events may not be read.
 */
export async function readNote(docker: Docker, containerId: string, { since, forMs }: Asked): Promise<Note | undefined> {
  const seconds = (time: number) => (time / 1000).toFixed(3);
  const filters = { container: [containerId], event: ['kill', 'oom'] };
  const asked = docker.getEvents({ since: seconds(since), until: seconds(Date.now() + forMs), filters } as unknown as Docker.GetEventsOptions);
  const noted = asked.then((events) => readFirst(events as Readable));
  return withDeadline(noted, { ms: QUICK_MS, what: 'tell what happened to a container' }).catch((error) => {
    if (statusOf(error) === undefined) throw error;
    return undefined;
  });
}

async function readFirst(events: Readable): Promise<Note | undefined> {
  let first: Note | undefined;
  for await (const line of createInterface({ input: events })) {
    const { Action: note } = JSON.parse(line) as { readonly Action: Note };
    first = note === 'oom' ? note : (first ?? note);
    if (first === 'oom') break;
  }
  events.destroy();
  return first;
}
