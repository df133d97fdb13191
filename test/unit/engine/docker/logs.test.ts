import { Readable } from 'node:stream';
import type { Container } from 'dockerode';
import { expect, test } from 'vitest';
import { OutputStreamError } from '../../../../src/engine/docker/demux.ts';
import { type LogEntry, logEntries } from '../../../../src/engine/docker/log-entries.ts';
import { followLogs } from '../../../../src/engine/docker/logs.ts';
import type { OutputStream, OutputTimes } from '../../../../src/output/output-store.ts';

/** An entry as the engine sends it; its time in nanoseconds after one second, or as the decimals and the zone. */
function entry(stream: OutputStream, time: number | string, data: string | Buffer): Buffer {
  const stamp = `2026-11-23T22:45:41.${typeof time === 'string' ? time : `${String(time).padStart(9, '0')}Z`} `;
  const body = Buffer.concat([Buffer.from(stamp), Buffer.from(data)]);
  const header = Buffer.from([stream === 'stdout' ? 1 : 2, 0, 0, 0, 0, 0, 0, 0]);
  header.writeUInt32BE(body.length, 4);
  return Buffer.concat([header, body]);
}

const SECOND = Date.parse('2026-11-23T22:45:41Z') / 1000;
const LOG = [
  entry('stdout', 5, 'one\n'),
  entry('stderr', 5, 'bad\n'),
  entry('stdout', 5, 'two\n'),
  entry('stdout', 7, 'three\n'),
  entry('stderr', 8, 'worse\n'),
];

async function* chunksOf(...chunks: readonly Uint8Array[]) {
  yield* chunks;
}

async function entriesOf(...chunks: readonly Uint8Array[]): Promise<LogEntry[]> {
  const all: LogEntry[] = [];
  for await (const entries of logEntries(chunksOf(...chunks))) all.push(...entries);
  return all;
}

const textOf = (entries: readonly { stream: OutputStream; data: Uint8Array }[], stream: OutputStream) =>
  Buffer.concat(entries.filter((each) => each.stream === stream).map(({ data }) => data)).toString();

test('a log that arrives in any pieces is split into its entries', async () => {
  const whole = Buffer.concat(LOG);
  const expected = await entriesOf(...LOG);
  expect(expected.map(({ stream, time, data }) => [stream, time, Buffer.from(data).toString()])).toEqual([
    ['stdout', `${SECOND}.000000005`, 'one\n'],
    ['stderr', `${SECOND}.000000005`, 'bad\n'],
    ['stdout', `${SECOND}.000000005`, 'two\n'],
    ['stdout', `${SECOND}.000000007`, 'three\n'],
    ['stderr', `${SECOND}.000000008`, 'worse\n'],
  ]);
  for (let at = 0; at <= whole.length; at += 1) expect(await entriesOf(whole.subarray(0, at), whole.subarray(at)), `after byte ${at}`).toEqual(expected);
});

test("the engine's time zone changes nothing, and data may be anything", async () => {
  const data = Buffer.from([0, 255, 10, 32]);
  expect(await entriesOf(entry('stdout', '000000001+02:00', data))).toEqual([{ stream: 'stdout', time: `${SECOND - 7200}.000000001`, data }]);
  expect(await entriesOf(entry('stdout', 1, ''))).toMatchObject([{ data: Buffer.alloc(0) }]);
});

test.each([
  { title: 'a log that is cut inside an entry', chunk: entry('stdout', 1, 'one').subarray(0, -1) },
  { title: 'an entry without a time', chunk: Buffer.from([1, 0, 0, 0, 0, 0, 0, 2, 111, 107]) },
  { title: "the engine's word that it failed", chunk: Buffer.from([3, 0, 0, 0, 0, 0, 0, 2, 111, 107]) },
])('$title is an error', async ({ chunk }) => {
  await expect(entriesOf(chunk)).rejects.toThrow(OutputStreamError);
});

interface Asked {
  readonly since?: string;
  readonly follow: boolean;
}

/** A container whose log is answered so, call by call; it remembers what was asked. */
function containerWith(...answers: readonly (readonly Buffer[])[]) {
  const asked: Asked[] = [];
  function dial({ options }: { options: Asked }, answer: (error: null, stream: Readable) => void): void {
    asked.push(options);
    answer(null, Readable.from(answers[asked.length - 1] ?? []));
  }
  return { asked, container: { id: 'abc', modem: { dial } } as unknown as Container };
}

/** Everything that following the log of such a container gives. */
async function followed(kept: OutputTimes | undefined, ...answers: readonly (readonly Buffer[])[]) {
  const { container, asked } = containerWith(...answers);
  const { output, isFromStart } = await followLogs(container, kept);
  const frames = [];
  for await (const batch of output) frames.push(...batch);
  return { isFromStart, stdout: textOf(frames, 'stdout'), stderr: textOf(frames, 'stderr'), since: asked.map(({ since }) => since) };
}

const WHOLE = { isFromStart: true, stdout: 'one\ntwo\nthree\n', stderr: 'bad\nworse\n' };
/** Kept before the log begins, by its times. */
const KEPT_EARLIER = { first: 0, last: 1_500 };

test.each(LOG.map((_, had) => ({ had })))('a log that ends early, after $had entries, is read to its end, each entry once', async ({ had }) => {
  const since = [undefined, had < 2 ? undefined : `${SECOND}.000000005`];
  expect(await followed(undefined, LOG.slice(0, had), LOG)).toEqual({ ...WHOLE, since });
});

test('a log that begins later than what is kept, and is too small to have lost anything, is whole', async () => {
  expect(await followed(KEPT_EARLIER, LOG, LOG, LOG, LOG)).toEqual({ ...WHOLE, since: [undefined, undefined, undefined, `${SECOND}.000000007`] });
});

test('a log that has lost its beginning is followed after the newest piece that is kept, and read again from there at most', async () => {
  const large = Array.from({ length: 2_100 }, () => entry('stdout', 5, Buffer.alloc(16 * 1024)));
  const since = [undefined, undefined, '1.500', `${SECOND}.000000007`];
  const rest = { isFromStart: false, stdout: 'three\n', stderr: 'worse\n' };
  expect(await followed(KEPT_EARLIER, LOG, large, LOG.slice(3), LOG.slice(3))).toEqual({ ...rest, since });
});

test('a log that begins when what is kept does, or before, is not looked at twice', async () => {
  const kept = { first: SECOND * 1000, last: SECOND * 1000 };
  expect(await followed(kept, LOG, LOG, LOG)).toEqual({ ...WHOLE, since: [undefined, undefined, `${SECOND}.000000007`] });
});
