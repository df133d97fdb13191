import { expect } from 'vitest';
import { OUTPUT_STREAMS, type OutputFrame, type OutputStore, type OutputStream, READABLE_STREAMS } from '../../src/output/output-store.ts';
import { outputModel, readAll } from '../support/output-model.ts';
import type { Random } from '../support/random.ts';

/** A store that is empty, and gone when its scope ends. */
export interface OutputStoreUnderTest extends AsyncDisposable {
  readonly store: OutputStore;
  /** What everything kept takes on disk. */
  storedBytes(): Promise<number>;
}

export type OpenOutputStore = () => Promise<OutputStoreUnderTest>;

export const KIB = 1024;
export const ID = 'proc_under_test';
export const ROOMY = { keptBytes: 64 * KIB * KIB };
export const TIGHT = { keptBytes: 256 * KIB };

export const seeds = (count: number) => Array.from({ length: count }, (_, index) => index + 1);
export const frame = (stream: OutputStream, data: Uint8Array | string): OutputFrame => ({ stream, data: typeof data === 'string' ? Buffer.from(data) : data });

export async function written(store: OutputStore, frames: readonly OutputFrame[], limits = ROOMY): Promise<void> {
  const writer = await store.open(ID, limits);
  await writer.append(frames);
  await writer.close();
}

/** Mostly small writes, now and then none or a large one; the kinds that engines and tenants send. */
function randomFrames(random: Random): OutputFrame[] {
  const sizes = [0, 1, random.integer(1, 9), random.integer(1, 300), 4096, random.integer(4000, 70_000)] as const;
  return Array.from({ length: random.integer(0, 6) }, () => frame(random.pick(OUTPUT_STREAMS), random.bytes(random.pick(sizes))));
}

interface Session {
  readonly store: OutputStore;
  readonly random: Random;
  readonly keptBytes: number;
}

/** Appends and reopens by chance, and looks at what each step shows. */
export async function writeByChance({ store, random, keptBytes }: Session, look: (model: ReturnType<typeof outputModel>) => Promise<void>) {
  const model = outputModel();
  let writer = await store.open(ID, { keptBytes });
  for (let step = 0; step < 40; step += 1) {
    const frames = randomFrames(random);
    await writer.append(frames);
    model.append(frames);
    expect(writer.written).toEqual(model.written());
    await look(model);
    if (random.integer(1, 8) > 1) continue;
    await writer.close();
    writer = await store.open(ID, { keptBytes });
    expect(writer.written).toEqual(model.written());
  }
  await writer.close();
  return model;
}

export function randomStretch(random: Random, totalBytes: number) {
  const reach = totalBytes + 10;
  return { offset: random.integer(-reach, reach), limit: random.pick([1, random.integer(1, 50), random.integer(1, reach), reach * 2]) };
}

/** Everything of a stream lies in its place, and what does not lie there is counted as dropped. */
export async function expectHonest(store: OutputStore, model: ReturnType<typeof outputModel>): Promise<void> {
  for (const stream of READABLE_STREAMS) {
    const { pieces, totalBytes, droppedBytes } = await readAll(store, { id: ID, stream });
    expect(totalBytes).toBe(model.total(stream));
    for (const { offset, data } of pieces) expect(model.has(stream, { offset, data })).toBe(true);
    const kept = pieces.reduce((bytes, { data }) => bytes + data.length, 0);
    expect(kept + droppedBytes).toBe(totalBytes);
  }
}
