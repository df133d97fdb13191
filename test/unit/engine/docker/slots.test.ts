import { expect, test } from 'vitest';
import { createSlots, type Slots } from '../../../../src/engine/docker/slots.ts';
import { seededRandom } from '../../../support/random.ts';

/** Reads `text` in, as far as there is room for it in one go. */
function read(slots: Slots, text: string): string {
  const room = slots.room();
  const bytes = Buffer.from(room.buffer, room.byteOffset, room.length).write(text);
  slots.fill(bytes);
  return text.slice(bytes);
}

const taken = (slots: Slots) => {
  const chunk = slots.take();
  return chunk && Buffer.from(chunk).toString();
};

test('what came together is taken together, once', () => {
  const slots = createSlots({ first: 64 * 1024, count: 2, bytes: 64 * 1024 });
  expect(taken(slots)).toBeUndefined();
  read(slots, 'one ');
  read(slots, 'two');
  expect(taken(slots)).toBe('one two');
  expect(taken(slots)).toBeUndefined();
  read(slots, 'three');
  expect(taken(slots)).toBe('three');
});

test('a reader that takes nothing stops whoever fills, and finds everything in its order', () => {
  const slots = createSlots({ first: 4, count: 3, bytes: 4 });
  for (const text of ['aaaa', 'bbbb', 'cccc']) {
    read(slots, text);
    expect(slots.isFull).toBe(false);
  }
  read(slots, 'dddd');
  expect(slots.isFull).toBe(true);
  expect(taken(slots)).toBe('aaaa');
  expect(taken(slots)).toBe('bbbb');
  // The one that is taken is still being used.
  expect(slots.isFull).toBe(true);
  expect(taken(slots)).toBe('cccc');
  expect(slots.isFull).toBe(false);
  read(slots, 'eeee');
  expect([taken(slots), taken(slots), taken(slots)]).toEqual(['dddd', 'eeee', undefined]);
});

test('the room that is told while everything is full is the one that becomes free', () => {
  const slots = createSlots({ first: 4, count: 2, bytes: 4 });
  read(slots, 'aaaa');
  read(slots, 'bbbb');
  const told = slots.room();
  slots.take();
  slots.take();
  expect(slots.isFull).toBe(false);
  expect(slots.room()).toEqual(told);
  expect(slots.room().byteOffset).toBe(told.byteOffset);
  expect(slots.room().buffer).toBe(told.buffer);
});

test('who prints little takes little memory', () => {
  const slots = createSlots({ first: 32 * 1024, count: 3, bytes: 256 * 1024 });
  for (let line = 0; line < 100; line += 1) {
    read(slots, 'x'.repeat(100));
    expect(slots.room().buffer.byteLength).toBe(32 * 1024);
    expect(taken(slots)).toHaveLength(100);
  }
  read(slots, 'x'.repeat(16 * 1024));
  expect(slots.room().buffer.byteLength).toBe(256 * 1024);
});

test('what is taken next is whole when nothing more is added to it', () => {
  const slots = createSlots({ first: 4, count: 2, bytes: 4 });
  expect(slots.isNextWhole).toBe(false);
  read(slots, 'aaaa');
  expect(slots.isNextWhole).toBe(true);
  taken(slots);
  expect(slots.isNextWhole).toBe(false);
  read(slots, 'bbbb');
  expect(slots.isNextWhole).toBe(true);
  read(slots, 'cccc');
  expect(slots.isFull).toBe(true);
  expect(slots.isNextWhole).toBe(true);
});

test('half of what is taken together is not whole', () => {
  const slots = createSlots({ first: 64 * 1024, count: 2, bytes: 64 * 1024 });
  read(slots, 'x'.repeat(20_000));
  expect(slots.isNextWhole).toBe(false);
  taken(slots);
  read(slots, 'x'.repeat(40_000));
  expect(slots.isNextWhole).toBe(true);
});

test('a chunk is whole until the next one is taken, however filling and taking alternate', () => {
  const random = seededRandom(1);
  const slots = createSlots({ first: 32 * 1024, count: 3, bytes: 64 * 1024 });
  let written = 0;
  let seen = 0;
  let held: Uint8Array | undefined;
  const byteAt = (index: number) => (index * 7 + (index >> 8)) & 0xff;
  function check(): void {
    for (const byte of held ?? []) if (byte !== byteAt(seen++)) throw new Error(`wrong at ${seen - 1}`);
  }
  for (let step = 0; step < 3_000; step += 1) {
    if (random.integer(0, 1) === 0 && !slots.isFull) {
      const room = slots.room();
      const bytes = random.integer(1, Math.min(room.length, 30_000));
      for (let index = 0; index < bytes; index += 1) room[index] = byteAt(written++);
      slots.fill(bytes);
    } else {
      check();
      held = slots.take();
    }
  }
  for (check(), held = slots.take(); held; held = slots.take()) check();
  expect(seen).toBe(written);
  expect(written).toBeGreaterThan(1_000_000);
});
