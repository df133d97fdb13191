import { copyFile, mkdir, readdir, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { OutputFrame, OutputStore } from '../../../src/output/output-store.ts';
import { FRAME_HEADER_BYTES, SEGMENT_HEADER_BYTES } from '../../../src/output/segment.ts';
import { createSpool } from '../../../src/output/spool.ts';
import { segmentPath } from '../../../src/output/spool-files.ts';
import { forgedFrames } from '../../support/forged-frames.ts';
import { tempFolder } from '../../support/temp-folder.ts';

const LIMITS = { keptBytes: 64 * 1024 };
/** A segment of such a spool is full with this. */
const SEGMENT_DATA = 4096;
const stdout = (text: string): OutputFrame => ({ stream: 'stdout', data: Buffer.from(text) });
const stderr = (text: string): OutputFrame => ({ stream: 'stderr', data: Buffer.from(text) });

async function append(store: OutputStore, id: string, frames: readonly OutputFrame[]) {
  const writer = await store.open(id, LIMITS);
  const before = { ...writer.written };
  await writer.append(frames);
  await writer.close();
  return before;
}

async function texts(store: OutputStore, id: string) {
  const all = { offset: 0, limit: 1_000_000 };
  const [out, err] = await Promise.all([store.read(id, { stream: 'stdout', ...all }), store.read(id, { stream: 'stderr', ...all })]);
  return { stdout: Buffer.from(out.data).toString(), stderr: Buffer.from(err.data).toString() };
}

/** Copies a spool as a crash would have left it: its newest segment cut to a length. */
async function copyTorn(root: string, { from, to, length }: { from: string; to: string; length: number }): Promise<void> {
  await mkdir(join(root, to));
  const files = (await readdir(join(root, from))).sort();
  for (const file of files) await copyFile(join(root, from, file), join(root, to, file));
  await truncate(join(root, to, files.at(-1) ?? ''), length);
}

describe('a spool after a crash', () => {
  it('goes on exactly after the last whole frame, wherever the last one was cut', async () => {
    await using folder = await tempFolder();
    const store = await createSpool(folder.path);
    await append(store, 'whole', [stdout('first'), stderr('second')]);
    const whole = SEGMENT_HEADER_BYTES + 2 * FRAME_HEADER_BYTES + 'firstsecond'.length;
    await append(store, 'whole', [stdout('€uro')]);
    const last = FRAME_HEADER_BYTES + Buffer.byteLength('€uro');
    for (let cut = 0; cut < last; cut += 1) {
      const id = `torn-${cut}`;
      await copyTorn(folder.path, { from: 'whole', to: id, length: whole + cut });
      expect(await texts(store, id)).toEqual({ stdout: 'first', stderr: 'second' });
      expect(await append(store, id, [stdout('|on'), stderr('|too')])).toEqual({ stdout: 5, stderr: 6 });
      expect(await texts(store, id)).toEqual({ stdout: 'first|on', stderr: 'second|too' });
    }
  });

  it('goes on exactly when the newest segment has no whole header', async () => {
    await using folder = await tempFolder();
    const store = await createSpool(folder.path);
    const full = 'x'.repeat(SEGMENT_DATA);
    await append(store, 'whole', [stdout(full), stderr('in the second segment')]);
    expect(await readdir(join(folder.path, 'whole'))).toHaveLength(2);
    for (let length = 0; length < SEGMENT_HEADER_BYTES; length += 1) {
      const id = `torn-${length}`;
      await copyTorn(folder.path, { from: 'whole', to: id, length });
      expect(await texts(store, id)).toEqual({ stdout: full, stderr: '' });
      expect(await append(store, id, [stderr('again')])).toEqual({ stdout: SEGMENT_DATA, stderr: 0 });
      expect(await texts(store, id)).toEqual({ stdout: full, stderr: 'again' });
    }
  });

  it.each([0, 1, SEGMENT_HEADER_BYTES - 1, SEGMENT_HEADER_BYTES])('starts anew when its only segment has %d bytes', async (length) => {
    await using folder = await tempFolder();
    const store = await createSpool(folder.path);
    await mkdir(join(folder.path, 'id'));
    await append(store, 'whole', [stdout('lost')]);
    await copyFile(segmentPath(join(folder.path, 'whole'), 1), segmentPath(join(folder.path, 'id'), 1));
    await truncate(segmentPath(join(folder.path, 'id'), 1), length);
    expect(await texts(store, 'id')).toEqual({ stdout: '', stderr: '' });
    expect(await append(store, 'id', [stdout('new')])).toEqual({ stdout: 0, stderr: 0 });
    expect(await texts(store, 'id')).toEqual({ stdout: 'new', stderr: '' });
  });

  it('cuts only what is not whole, however often it is opened', async () => {
    await using folder = await tempFolder();
    const store = await createSpool(folder.path);
    await append(store, 'id', [stdout('a')]);
    const path = segmentPath(join(folder.path, 'id'), 1);
    await writeFile(path, Buffer.from('torn'), { flag: 'a' });
    for (let times = 0; times < 3; times += 1) await append(store, 'id', []);
    expect(await texts(store, 'id')).toEqual({ stdout: 'a', stderr: '' });
  });

  it('takes nothing of the frame that was cut for a frame, whatever is in it', async () => {
    await using folder = await tempFolder();
    const store = await createSpool(folder.path);
    const forged = forgedFrames('after'.length).subarray(0, SEGMENT_DATA / 2);
    await append(store, 'whole', [{ stream: 'stdout', data: forged }]);
    await copyTorn(folder.path, { from: 'whole', to: 'torn', length: SEGMENT_HEADER_BYTES + FRAME_HEADER_BYTES + forged.length - 1 });
    await append(store, 'torn', [stdout('after')]);
    expect(await texts(store, 'torn')).toEqual({ stdout: 'after', stderr: '' });
  });
});
