import { expect, test } from 'vitest';
import { skipSeen } from '../../../src/execution/collect-output.ts';
import type { OutputFrame, OutputStream } from '../../../src/output/output-store.ts';

const frame = (stream: OutputStream, text: string): OutputFrame => ({ stream, data: Buffer.from(text) });
const out = (text: string) => frame('stdout', text);
const err = (text: string) => frame('stderr', text);

/** What is left of each stream after batches of frames went through. */
function textOf(batches: readonly (readonly OutputFrame[])[], stream: OutputStream): string {
  const frames = batches.flat().filter((piece) => piece.stream === stream);
  return Buffer.concat(frames.map(({ data }) => data)).toString();
}

test.each([
  { title: 'nothing seen leaves everything', seen: { stdout: 0, stderr: 0 }, left: ['abcdef', 'xyz'] },
  { title: 'what was seen of one stream is left out, of that stream only', seen: { stdout: 2, stderr: 0 }, left: ['cdef', 'xyz'] },
  { title: 'what was seen may end inside a later frame', seen: { stdout: 5, stderr: 1 }, left: ['f', 'yz'] },
  { title: 'what was seen may end between frames', seen: { stdout: 3, stderr: 3 }, left: ['def', ''] },
  { title: 'everything seen leaves nothing', seen: { stdout: 6, stderr: 3 }, left: ['', ''] },
  { title: 'more seen than there is leaves nothing', seen: { stdout: 99, stderr: 99 }, left: ['', ''] },
])('$title', ({ seen, left }) => {
  const fresh = skipSeen({ ...seen });
  const batches = [[out('abc'), err('x')], [], [out('de')], [err('yz'), out('f')]].map(fresh);
  expect([textOf(batches, 'stdout'), textOf(batches, 'stderr')]).toEqual(left);
});
