import { expect, test } from 'vitest';
import { closePayload, encodeFrame, OPCODE, takeFrames } from '../../../fuzz/sockets/frames.ts';

test.each([0, 1, 125, 126, 65_535, 65_536])('a frame of %i bytes is taken off what has arrived, whole', (length) => {
  const payload = Buffer.alloc(length, 'x');
  const sent = encodeFrame(OPCODE.text, payload, { isMasked: false });
  expect(takeFrames(sent.subarray(0, -1 - Math.max(0, length - 1))).frames).toEqual([]);
  const { frames, rest } = takeFrames(Buffer.concat([sent, sent, Buffer.from([0x81])]));
  expect(frames).toEqual([1, 2].map(() => ({ opcode: OPCODE.text, isFinal: true, reserved: 0, payload })));
  expect(rest).toEqual(Buffer.from([0x81]));
});

test('a client masks what it sends, as the standard shows', () => {
  const sent = encodeFrame(OPCODE.text, Buffer.from('Hello'));
  expect([...sent.subarray(0, 2)]).toEqual([0x81, 0x85]);
  const mask = sent.subarray(2, 6);
  expect(Buffer.from(sent.subarray(6).map((byte, at) => byte ^ (mask[at % 4] ?? 0))).toString()).toBe('Hello');
});

test('a server never does', () => {
  expect(() => takeFrames(encodeFrame(OPCODE.text, Buffer.from('Hello')))).toThrow('masked');
});

test('a frame can be odd in every way', () => {
  const odd = encodeFrame(OPCODE.text, Buffer.alloc(1), { isFinal: false, reserved: 5, isMasked: false });
  expect(takeFrames(odd).frames).toMatchObject([{ isFinal: false, reserved: 5 }]);
  expect(encodeFrame(OPCODE.text, Buffer.alloc(0), { length: 2 ** 40 }).readBigUInt64BE(2)).toBe(2n ** 40n);
  expect(closePayload(1009, 'why')).toEqual(Buffer.from('\x03\xf1why', 'latin1'));
});
