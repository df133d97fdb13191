import { expect, test } from 'vitest';
import { createResultTaker, MOST_RESULT_BYTES } from '../../../src/execution/take-results.ts';

const MARK = 'exec_abc';
const frame = (part: string) => `\x1e${MARK}${part.length.toString(16).padStart(4, '0')}${part}`;
const END = frame('');

/** What passes, and the result, when the bytes come in pieces of a size. */
function taken(text: string, size = text.length) {
  const taker = createResultTaker(MARK);
  const data = Buffer.from(text, 'latin1');
  const passed: Uint8Array[] = [];
  for (let at = 0; at < data.length; at += size) {
    passed.push(...taker.take([{ stream: 'stderr', data: data.subarray(at, at + size) }]).map((piece) => piece.data));
  }
  passed.push(...taker.end().map((piece) => piece.data));
  const result = taker.result();
  return { passed: Buffer.concat(passed).toString('latin1'), result: result && Buffer.from(result).toString('latin1') };
}

test.each([
  { title: 'nothing', text: '', passed: '', result: undefined },
  { title: 'no result', text: 'a\x1eb\x1e', passed: 'a\x1eb\x1e', result: undefined },
  { title: 'a result alone', text: `${frame('{"a":1}')}${END}`, passed: '', result: '{"a":1}' },
  { title: 'a result between output', text: `before${frame('{"a"')}mid${frame(':1}')}${END}after`, passed: 'beforemidafter', result: '{"a":1}' },
  { title: 'a result that is cut', text: `x${frame('{"a":1}')}`, passed: 'x', result: undefined },
  { title: 'a frame that is cut', text: `x${frame('{"a":1}').slice(0, -3)}`, passed: 'x', result: undefined },
  { title: 'a header that is cut', text: `x\x1e${MARK}00`, passed: `x\x1e${MARK}00`, result: undefined },
  { title: "another process's mark", text: '\x1eexec_abd0001x', passed: '\x1eexec_abd0001x', result: undefined },
  { title: 'a length that is none', text: `\x1e${MARK}00g1x`, passed: `\x1e${MARK}00g1x`, result: undefined },
  { title: 'marks in a row', text: `\x1e\x1e${MARK.slice(0, 4)}${frame('y')}${END}`, passed: `\x1e\x1e${MARK.slice(0, 4)}`, result: 'y' },
  { title: 'a second result', text: `${frame('1')}${END}${frame('2')}${END}`, passed: frame('2') + END, result: '1' },
  { title: 'a mark inside a result', text: `${frame(`\x1e${MARK}0001`)}${END}`, passed: '', result: `\x1e${MARK}0001` },
  { title: 'every byte', text: Buffer.from(Array.from({ length: 256 }, (_, byte) => byte)).toString('latin1'), result: undefined, passed: undefined },
])('$title, however it is cut', ({ text, passed = text, result }) => {
  for (const size of [1, 2, 3, 5, 7, 11, 1_000]) expect(taken(text, size)).toEqual({ passed, result });
});

test('standard output is never looked at', () => {
  const taker = createResultTaker(MARK);
  const data = Buffer.from(frame('x') + END);
  expect(taker.take([{ stream: 'stdout', data }])).toEqual([{ stream: 'stdout', data }]);
  expect(taker.result()).toBeUndefined();
});

test('what is sent past the longest result is output, so that it counts as such', () => {
  const taker = createResultTaker(MARK);
  const part = Buffer.from(frame('x'.repeat(0xffff)));
  let passed = 0;
  for (let sent = 0; sent < 2 * MOST_RESULT_BYTES; sent += 0xffff)
    passed += taker.take([{ stream: 'stderr', data: part }]).reduce((sum, { data }) => sum + data.length, 0);
  expect(passed).toBeGreaterThan(MOST_RESULT_BYTES - 2 * 0xffff);
});
