import { setTimeout as sleep } from 'node:timers/promises';

export interface Change {
  readonly event: 'created' | 'modified' | 'deleted' | 'renamed';
  readonly path: string;
  /** Where what was renamed was before. */
  readonly oldPath?: string;
}

interface Notice {
  readonly words: readonly string[];
  readonly path: string;
  /** A file that is being written by a call (images/launcher/files). */
  readonly isPart: boolean;
}

const FIELDS = 3;
const PART = /^\.coracle-\d+-\d+$/;

/** How long the second half of a renaming may come after the first. */
const HALVES_MS = 100;

/** The changes that inotifywait prints, as they come. */
export async function* readChanges(chunks: AsyncGenerator<Uint8Array>): AsyncGenerator<readonly Change[]> {
  const reader = createChangeReader();
  try {
    for (let next = chunks.next(); ; ) {
      const come = await (reader.isHalf() ? Promise.race([next, sleep(HALVES_MS)]) : next);
      if (!come) yield reader.end();
      else if (come.done) return;
      else {
        next = chunks.next();
        yield reader.read(come.value);
      }
    }
  } finally {
    await chunks.return(undefined);
  }
}

/** Reads words, folder and name of each event, each ended by NUL. */
export interface ChangeReader {
  /** What is told by now: the first half of a renaming waits for the second. */
  read(chunk: Uint8Array): readonly Change[];
  isHalf(): boolean;
  /** The second half will not come. */
  end(): readonly Change[];
}

export function createChangeReader(): ChangeReader {
  let held = Buffer.alloc(0);
  let half: Notice[] = [];

  function read(chunk: Uint8Array): readonly Change[] {
    const data = Buffer.concat([held, chunk]);
    const notices = [...half];
    let from = 0;
    for (let fields = nextFields(data, from); fields; fields = nextFields(data, from)) {
      from = fields.end;
      notices.push(toNotice(fields.texts));
    }
    held = data.subarray(from);
    half = notices.at(-1)?.words.includes('MOVED_FROM') ? notices.splice(-1) : [];
    return changesOf(notices);
  }

  return {
    read,
    isHalf: () => half.length > 0,
    end: () => changesOf(half.splice(0)),
  };
}

function nextFields(data: Buffer, from: number): { texts: string[]; end: number } | undefined {
  const texts: string[] = [];
  let start = from;
  while (texts.length < FIELDS) {
    const end = data.indexOf(0, start);
    if (end < 0) return undefined;
    texts.push(data.toString('utf8', start, end));
    start = end + 1;
  }
  return { texts, end: start };
}

function toNotice([words = '', folder = '', name = '']: readonly string[]): Notice {
  return { words: words.split(','), path: folder + name, isPart: PART.test(name) };
}

/**
 * A renaming comes as two notices in a row; one whose other half is not there is a file that went out of sight, or came into it. A call writes a file
 * under another name first: that a new one is linked to its name is its creation, that it is renamed over an old one its change.
 */
function changesOf(notices: readonly Notice[]): Change[] {
  const changes: Change[] = [];
  notices.forEach((notice, index) => {
    const change = changeOf(notice, notices[index - 1], notices[index + 1]);
    const last = changes.at(-1);
    if (change && !(last?.event === change.event && last.path === change.path)) changes.push(change);
  });
  return changes;
}

function changeOf(notice: Notice, before: Notice | undefined, after: Notice | undefined): Change | undefined {
  const { words, path, isPart } = notice;
  if (isPart) return undefined;
  if (words.includes('MOVED_TO')) return arrival(notice, before);
  if (words.includes('MOVED_FROM')) return after?.words.includes('MOVED_TO') ? undefined : { event: 'deleted', path };
  if (words.includes('CREATE')) return { event: 'created', path };
  if (words.includes('CLOSE_WRITE')) return { event: 'modified', path };
  return words.includes('DELETE') ? { event: 'deleted', path } : undefined;
}

function arrival({ path }: Notice, before: Notice | undefined): Change {
  if (!before?.words.includes('MOVED_FROM')) return { event: 'created', path };
  return before.isPart ? { event: 'modified', path } : { event: 'renamed', path, oldPath: before.path };
}
