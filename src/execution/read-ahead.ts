import type { OutputFrame } from '../output/output-store.ts';

type Frames = readonly OutputFrame[];

/**
 * Goes on reading while what was read is being written, so that the two do not wait for each other, and hands on together what has come meanwhile. It
 * holds at most `mostBytes` and one piece; then it waits for the consumer, and with it whoever writes. Order and bytes stay as they are. An error of the
 * source is thrown after everything that came before it.
 */
export async function* readAhead(source: AsyncIterable<Frames>, mostBytes: number): AsyncGenerator<Frames> {
  const shelf = createShelf(mostBytes);
  const reading = fill(shelf, source);
  try {
    for (let frames = await shelf.take(); frames; frames = await shelf.take()) yield frames;
  } finally {
    shelf.stop();
  }
  await reading;
}

type Shelf = ReturnType<typeof createShelf>;

/** Rejects with the error of the source. */
function fill(shelf: Shelf, source: AsyncIterable<Frames>): Promise<void> {
  async function run(): Promise<void> {
    try {
      for await (const frames of source) if (!(await shelf.put(frames))) break;
    } finally {
      shelf.close();
    }
  }
  const reading = run();
  reading.catch(() => undefined);
  return reading;
}

function createShelf(mostBytes: number) {
  let frames: OutputFrame[] = [];
  let bytes = 0;
  let state: 'open' | 'closed' | 'stopped' = 'open';
  let changed = Promise.withResolvers<void>();

  function change(): void {
    changed.resolve();
    changed = Promise.withResolvers();
  }

  return {
    /** Resolves when there is room for more; false when nobody wants more. */
    async put(more: Frames): Promise<boolean> {
      frames.push(...more);
      bytes += more.reduce((sum, { data }) => sum + data.length, 0);
      change();
      while (bytes >= mostBytes && state === 'open') await changed.promise;
      return state === 'open';
    },
    /** Everything that is there, once there is something; undefined at the end. */
    async take(): Promise<Frames | undefined> {
      while (frames.length === 0 && state === 'open') await changed.promise;
      const taken = frames;
      [frames, bytes] = [[], 0];
      change();
      return taken.length > 0 ? taken : undefined;
    },
    close(): void {
      if (state === 'open') state = 'closed';
      change();
    },
    stop(): void {
      state = 'stopped';
      change();
    },
  };
}
