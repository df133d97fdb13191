import tar from 'tar-stream';
import { expect, test } from 'vitest';
import { packFile, unpack, unpackFile } from '../../../src/workspace/archive.ts';
import { until } from '../../support/until.ts';

const KIB = 1024;
/** An archive's end, as both of ours have it. */
const END = Buffer.alloc(1_024);

async function* piecesOf(bytes: Uint8Array, size = 10_000): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function bytesOf(pieces: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const all: Uint8Array[] = [];
  for await (const piece of pieces) all.push(piece);
  return Buffer.concat(all);
}

const packed = (content: Uint8Array) => bytesOf(packFile({ size: content.length, content: piecesOf(content) }));
/** As the program of a container sends a file that was whole. */
const marked = async (content: Uint8Array) => Buffer.concat([await packed(content), END, await packed(Buffer.alloc(0))]);

/** So many pieces of 64 KiB; counts those that were asked for. */
function counted(pieces: number) {
  const asked = { pieces: 0 };
  async function* source() {
    for (; asked.pieces < pieces; asked.pieces++) yield Buffer.alloc(64 * KIB, 1);
  }
  return { asked, source: source(), size: pieces * 64 * KIB };
}

test.each([0, 1, 511, 512, 513, 100_000])('%i bytes go in and come out', async (size) => {
  const content = Buffer.alloc(size, 'abc');
  for (const pieceBytes of [1, 511, 512, 10_240, 1_000_000]) {
    const file = await unpackFile(piecesOf(await marked(content), pieceBytes));
    expect({ size: file.size, data: await bytesOf(file.data) }).toEqual({ size, data: content });
  }
});

test('more than 8 GiB is said as such', async () => {
  const size = 10 * KIB * KIB * KIB;
  const archive = packFile({ size, content: counted(1).source });
  const { value } = await archive.next();
  const file = await unpackFile(piecesOf(value ?? Buffer.alloc(0)));
  expect(file.size).toBe(size);
});

test('what is not known to be whole breaks off before its last byte', async () => {
  const content = Buffer.alloc(100_000, 'abc');
  const whole = await marked(content);
  for (const archive of [await packed(content), Buffer.concat([await packed(content), END]), whole.subarray(0, 50_000)]) {
    const { data } = await unpackFile(piecesOf(archive));
    let got = 0;
    await expect(
      (async () => {
        for await (const piece of data) got += piece.length;
      })(),
    ).rejects.toThrow();
    expect(got).toBeLessThan(content.length);
  }
});

test.each([Buffer.alloc(0), END, Buffer.alloc(600, 'no archive')])('without a file there is none', async (archive) => {
  await expect(unpackFile(piecesOf(archive))).rejects.toThrow();
});

test('whoever leaves lets go of the source', async () => {
  let isLeft = false;
  async function* source() {
    try {
      yield* piecesOf(await marked(Buffer.alloc(1_000_000)));
    } finally {
      isLeft = true;
    }
  }
  const { data } = await unpackFile(source());
  for await (const _ of data) break;
  await until(async () => isLeft, 'the source to be left');
});

test('a reader that stops does not let it pile up', async () => {
  const { asked, source, size } = counted(1_600);
  const file = await unpackFile(packFile({ size, content: source }));
  await file.data.next();
  await settled(() => asked.pieces);
  expect(asked.pieces).toBeLessThan(16);
  await file.data.return(undefined);
});

test('neither does a container that stops taking it', async () => {
  const { asked, source, size } = counted(1_600);
  const archive = packFile({ size, content: source });
  await archive.next();
  await settled(() => asked.pieces);
  expect(asked.pieces).toBeLessThan(16);
  await archive.return(undefined);
});

test.each([
  ['less', 3, 'Size mismatch'],
  ['more', 1, 'more than its 1 bytes'],
])('content that is %s than was said is no archive', async (_, size, message) => {
  const archive = packFile({ size, content: piecesOf(Buffer.from('ab'), 1) });
  await expect(bytesOf(archive)).rejects.toThrow(message);
});

test('content that breaks off is told as it broke off', async () => {
  async function* content() {
    yield Buffer.from('a');
    throw new Error('gone');
  }
  await expect(bytesOf(packFile({ size: 3, content: content() }))).rejects.toThrow('gone');
});

test('names come out whole, however long', async () => {
  const names = ['a'.repeat(101), `${'b'.repeat(255)}/${'c'.repeat(255)}`, 'new\nline', '-rf', 'ü€😀', `${'d/'.repeat(1_000)}e`];
  const archive = tar.pack();
  for (const name of names) archive.entry({ name }, 'x');
  archive.finalize();
  const got: string[] = [];
  for await (const entry of unpack(archive as AsyncIterable<Uint8Array>)) {
    got.push(entry.header.name);
    entry.resume();
  }
  expect(got).toEqual(names);
});

/** Waits until the number does not grow any more. */
async function settled(read: () => number): Promise<void> {
  for (let before = -1; before !== read(); ) {
    before = read();
    for (let turn = 0; turn < 50; turn++) await new Promise(setImmediate);
  }
}
