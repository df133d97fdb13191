import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import tar, { type Extract } from 'tar-stream';

type Entry = Extract extends AsyncIterable<infer Each> ? Each : never;

/** What comes out of a tar in a container, an entry at a time: read one to its end before the next. Leaving the loop lets go of the source. */
export async function* unpack(pieces: AsyncIterable<Uint8Array>, signal?: AbortSignal): AsyncGenerator<Entry> {
  const archive = tar.extract();
  const source = Readable.from(pieces, { objectMode: false, signal });
  source.on('error', (error) => archive.destroy(error));
  source.pipe(archive);
  try {
    yield* archive;
  } finally {
    source.destroy();
  }
}

export interface UnpackedFile {
  readonly size: number;
  /** Iterate once; exactly `size` bytes, or an error before the last of them. */
  readonly data: AsyncGenerator<Uint8Array>;
}

/**
 * The file in an archive that a second entry follows when the first is whole: tar fills up with zeros what a file lacks that becomes shorter while it is
 * read. Rejects when there is no file.
 */
export async function unpackFile(pieces: AsyncIterable<Uint8Array>): Promise<UnpackedFile> {
  const entries = unpack(pieces);
  const file = await entries.next();
  if (file.done) throw new Error('the archive has no file');
  return { size: file.value.header.size ?? 0, data: wholeOrNot(file.value as AsyncIterable<Uint8Array>, entries) };
}

/** Holds the last piece back until it is known whether it should have come. */
async function* wholeOrNot(file: AsyncIterable<Uint8Array>, entries: AsyncGenerator<Entry>): AsyncGenerator<Uint8Array> {
  try {
    let held: Uint8Array | undefined;
    for await (const piece of file) {
      if (held) yield held;
      held = piece;
    }
    if ((await entries.next()).done) throw new Error('the file has become shorter while it was read');
    if (held) yield held;
  } finally {
    await entries.return(undefined);
  }
}

export interface PackedFile {
  readonly size: number;
  readonly content: AsyncIterable<Uint8Array>;
}

/** An archive of one file, made as its content comes and as it is taken. Rejects with what the content does, or when that is not `size` bytes. */
export async function* packFile({ size, content }: PackedFile): AsyncGenerator<Uint8Array> {
  const archive = tar.pack();
  pipeline(atMost(size, content), archive.entry({ name: 'file', size })).then(
    () => archive.finalize(),
    (error) => archive.destroy(error),
  );
  try {
    yield* archive as AsyncIterable<Uint8Array>;
  } finally {
    archive.destroy();
  }
}

/** What is too much would be taken for the next entry. */
async function* atMost(size: number, content: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let left = size;
  for await (const piece of content) {
    left -= piece.length;
    if (left < 0) throw new Error(`the content has more than its ${size} bytes`);
    yield piece;
  }
}
