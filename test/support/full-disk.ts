import { readdirSync } from 'node:fs';
import type { OutputFrame } from '../../src/output/output-store.ts';
import { createSpool } from '../../src/output/spool.ts';
import { forgedFrames } from './forged-frames.ts';

/**
 * A program that writes to a spool in the folder given, run by test/unit/output/spool-full-disk.test.ts where files may not grow past a few KiB,
 * and prints what came of it. A limit on file sizes fails as a full disk does: the write that meets it is short, and the next is an error.
 */
const store = await createSpool(process.argv[2] ?? '');
const LIMITS = { keptBytes: 64 * 1024 * 1024 };

async function tornWrite() {
  const writer = await store.open('torn', LIMITS);
  await writer.append([{ stream: 'stdout', data: Buffer.from('before ') }]);
  const short: OutputFrame = { stream: 'stdout', data: Buffer.from('after') };
  const refused = await writer.append([{ stream: 'stdout', data: forgedFrames(short.data.length) }]).catch(({ code }: NodeJS.ErrnoException) => code);
  await writer.append([short]);
  const { data, totalBytes } = await store.read('torn', { stream: 'stdout', offset: 0, limit: 100_000 });
  await writer.close();
  const again = await store.open('torn', LIMITS);
  const written = { ...again.written };
  await again.close();
  return { refused, text: Buffer.from(data).toString(), totalBytes, countedByWriter: writer.written.stdout, countedAfterwards: written.stdout };
}

/** Files that are open, once those of earlier work are closed. */
const openFiles = () => readdirSync('/proc/self/fd').length;

async function noRoomAtAll() {
  const writer = await store.open('none', LIMITS);
  const before = openFiles();
  let refused = 0;
  for (let times = 0; times < 20; times += 1) await writer.append([{ stream: 'stdout', data: Buffer.from('x') }]).catch(() => (refused += 1));
  const left = openFiles() - before;
  await writer.close();
  return { refused, left };
}

const answer = process.argv[3] === 'none' ? await noRoomAtAll() : await tornWrite();
process.stdout.write(JSON.stringify(answer));
