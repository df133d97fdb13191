import { createHash } from 'node:crypto';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Api, apiOf } from '../support/api.ts';
import { openServer, type TestServer } from '../support/server.ts';
import { until } from '../support/until.ts';

let server: TestServer;
let api: Api;
const MIB = 1024 * 1024;

beforeAll(async () => {
  server = await openServer({ CORACLE_OUTPUT_MB: '2' });
  api = await apiOf(server);
});
afterAll(() => server[Symbol.asyncDispose]());

const sha = (data: Uint8Array | string) => createHash('sha256').update(data).digest('hex');

describe('exact output', () => {
  it('300,000 euro signs come back as they are', async () => {
    const { process_id, stdout_bytes, stdout } = await api.run({ code: 'import sys; sys.stdout.write("€" * 300_000)' });
    expect(stdout_bytes).toBe(900_000);
    expect(stdout).toBe('€'.repeat(300_000));
    expect(sha(await api.output(process_id, 'stdout'))).toBe(sha('€'.repeat(300_000)));
  });

  it('all 256 byte values come back on each stream', async () => {
    const code = 'import sys\nfor s in (sys.stdout, sys.stderr):\n s.buffer.write(bytes(range(256)) * 100)';
    const { process_id } = await api.run({ code });
    const expected = Buffer.concat(Array.from({ length: 100 }, () => Buffer.from(Array.from({ length: 256 }, (_, value) => value))));
    for (const stream of ['stdout', 'stderr'] as const) expect(sha(await api.output(process_id, stream))).toBe(sha(expected));
  });

  it('a character written byte by byte on both streams in turn is whole', async () => {
    const code = 'import os\nfor b in "€".encode() * 500:\n os.write(1, bytes([b])); os.write(2, bytes([b]))';
    expect(await api.run({ code })).toMatchObject({ stdout: '€'.repeat(500), stderr: '€'.repeat(500) });
  });

  it('what is written right before the exit is there', async () => {
    const all = await Promise.all(Array.from({ length: 20 }, (_, index) => api.run({ language: 'bash', code: `printf '%s' last-${index}; exit 1` })));
    expect(all.map(({ stdout }) => stdout)).toEqual(all.map((_, index) => `last-${index}`));
  });

  it('200,000 one-byte lines are all there', async () => {
    const { process_id } = await api.run({ code: 'import sys\nfor i in range(200_000):\n sys.stdout.write("\\n")' });
    expect(sha(await api.output(process_id, 'stdout'))).toBe(sha('\n'.repeat(200_000)));
  });
});

describe('live output', () => {
  it('is in the list while the process runs, whole characters only', async () => {
    const id = await api.submit({ code: 'import sys, time\nsys.stdout.buffer.write("ä€".encode()[:-1]); sys.stdout.flush(); time.sleep(60)' });
    await until(async () => (await api.get(id)).stdout_bytes === 4, 'the first bytes');
    const [listed] = (await api.list()).filter(({ process_id }) => process_id === id);
    expect(listed).toMatchObject({ status: 'running', stdout: 'ä', stdout_bytes: 4, exit_code: null, completed_at: null });
    await api.kill(id);
    expect(await api.get(id)).toMatchObject({ status: 'killed', stdout: 'ä\uFFFD' });
  });
});

describe('reading a stretch', () => {
  let id: string;
  const read = (query: string) => api.call<{ data: string }>('GET', `/execute/processes/${id}/output?${query}`);
  beforeAll(async () => {
    ({ process_id: id } = await api.run({ code: 'import sys; sys.stdout.write("0123456789€"); sys.stderr.write("oops")' }));
  });

  it('goes by bytes, from the front or from the end', async () => {
    expect(await read('offset=2&limit=3')).toMatchObject({ body: { data: '234', offset: 2, next_offset: 5, total_bytes: 13, dropped_bytes: 0, eof: false } });
    expect(await read('offset=-3')).toMatchObject({ body: { data: '€', offset: 10, next_offset: 13, eof: true } });
    expect(await read('offset=99')).toMatchObject({ body: { data: '', offset: 13, next_offset: 13, eof: true } });
    expect(await read('stream=stderr&encoding=base64')).toMatchObject({ body: { data: Buffer.from('oops').toString('base64'), eof: true } });
  });

  it('refuses what makes no sense', async () => {
    expect(await read('limit=0')).toMatchObject({ status: 400, body: { code: 'INVALID_REQUEST' } });
    expect(await read('stream=stdin')).toMatchObject({ status: 400 });
    expect(await api.call('GET', '/execute/processes/proc_x/output')).toMatchObject({ status: 404 });
  });
});

describe('both streams together', () => {
  const CODE = 'import os\nfor i in range(100):\n os.write(1 + i % 2, f"{i} ".encode())';
  const TOTAL = 10 * 2 + 90 * 3;

  it('come as one, with all of each in its order', async () => {
    const { process_id } = await api.run({ code: CODE });
    const read = async (query: string) => (await api.call<{ data: string }>('GET', `/execute/processes/${process_id}/output?stream=all&${query}`)).body;
    const whole = await read('');
    expect(whole).toMatchObject({ total_bytes: TOTAL, next_offset: TOTAL, skipped_bytes: 0, eof: true });
    const numbers = whole.data.trim().split(' ').map(Number);
    for (const parity of [0, 1]) expect(numbers.filter((n) => n % 2 === parity)).toEqual(Array.from({ length: 50 }, (_, n) => 2 * n + parity));
    expect(await read('offset=-6&limit=3')).toMatchObject({ data: whole.data.slice(-6, -3), next_offset: TOTAL - 3, eof: false });
  });
});

describe('ranges of raw output', () => {
  let id: string;
  const get = (range: string, query = 'encoding=raw') =>
    fetch(`${server.url}/execute/processes/${id}/output?${query}`, { headers: { Authorization: `Bearer ${api.token}`, Range: range } });
  beforeAll(async () => {
    ({ process_id: id } = await api.run({ language: 'bash', code: "printf '0123456789'" }));
  });

  it.each([
    ['bytes=2-4', '234', 'bytes 2-4/10'],
    ['bytes=7-', '789', 'bytes 7-9/10'],
    ['bytes=-2', '89', 'bytes 8-9/10'],
  ])('%s is %s', async (range, text, contentRange) => {
    const response = await get(range);
    expect([response.status, response.headers.get('content-range'), await response.text()]).toEqual([206, contentRange, text]);
    expect(response.headers.get('x-output-total-bytes')).toBe('10');
  });

  it('one that is not there is 416, and one that is none is passed over', async () => {
    const beyond = await get('bytes=10-');
    expect([beyond.status, beyond.headers.get('content-range'), ((await beyond.json()) as { code: string }).code]).toEqual([
      416,
      'bytes */10',
      'RANGE_NOT_SATISFIABLE',
    ]);
    const none = await get('lines=1');
    expect([none.status, await none.text(), none.headers.get('x-output-eof')]).toEqual([200, '0123456789', 'true']);
    expect((await get('bytes=2-4', 'encoding=base64')).status).toBe(200);
  });
});

describe('bounded output', () => {
  const lines = (count: number) => Array.from({ length: count }, (_, index) => `${String(index).padStart(9, '0')}\n`).join('');

  it('over the limit the head and the tail are exact, and what is between is counted', async () => {
    const { process_id, ...process } = await api.run({
      code: 'for i in range(1_000): print("".join(f"{j:09}\\n" for j in range(i * 1_000, (i + 1) * 1_000)), end="")',
    });
    expect(process).toMatchObject({ status: 'completed', stdout_bytes: 10_000_000, stdout_truncated: true, stderr_truncated: false, output_complete: true });
    const expected = lines(1_000_000);
    const head = await api.call<{ data: string; dropped_bytes: number }>('GET', `/execute/processes/${process_id}/output?limit=16777216`);
    expect(head.body.data.length).toBeGreaterThan(MIB - 1);
    expect(expected.startsWith(head.body.data)).toBe(true);
    const tail = await api.call<{ data: string; offset: number }>('GET', `/execute/processes/${process_id}/output?offset=-900000`);
    expect(expected.slice(-900_000)).toBe(tail.body.data);
    const inside = await api.call<{ data: string; offset: number }>('GET', `/execute/processes/${process_id}/output?offset=5000000&limit=10`);
    expect(inside.body.offset).toBeGreaterThan(5_000_000);
    expect(inside.body).toMatchObject({ skipped_bytes: inside.body.offset - 5_000_000 });
    const range = { Authorization: `Bearer ${api.token}`, Range: 'bytes=5000000-' };
    const raw = await fetch(`${server.url}/execute/processes/${process_id}/output?encoding=raw`, { headers: range });
    expect([raw.status, await raw.json()]).toMatchObject([416, { details: { next_kept_offset: inside.body.offset } }]);
    expect(inside.body.data).toBe(expected.slice(inside.body.offset, inside.body.offset + 10));
    expect(await keptOnDisk(process_id)).toBeLessThan(2.6 * MIB);
  });

  it('a flood on both streams in turn is read on, kept within its bound, counted, and can be killed', async () => {
    const code =
      'import os\nline = b"x" * 99 + b"\\n"\ndef put(to, data):\n while data: data = data[os.write(to, data):]\nwhile True: put(1, line * 50); put(2, line)';
    const id = await api.submit({ code });
    await until(async () => (await api.get(id)).stdout_truncated, 'the flood to be over its limit');
    const seen = (await api.get(id)).stdout_bytes;
    await until(async () => (await api.get(id)).stdout_bytes > seen, 'more of it');
    expect(await api.kill(id)).toMatchObject({ status: 200 });
    const { status, stdout_bytes, stderr_bytes, output_complete } = await api.get(id);
    expect({ status, output_complete }).toEqual({ status: 'killed', output_complete: true });
    // The last write may have been cut by the kill.
    expect(Math.abs(stdout_bytes / 50 - stderr_bytes)).toBeLessThan(1000);
    expect(await keptOnDisk(id)).toBeLessThan(2.6 * MIB);
  });

  it('a list shows at most the last 64 KiB of a stream', async () => {
    const { process_id } = await api.run({ code: 'print("x" * 100_000 + "end")' });
    const [listed] = (await api.list()).filter((process) => process.process_id === process_id);
    expect(listed).toMatchObject({ stdout_bytes: 100_004, stdout_truncated: false });
    expect(listed?.stdout).toHaveLength(65_536);
    expect(listed?.stdout.endsWith('xend\n')).toBe(true);
  });

  async function keptOnDisk(id: string): Promise<number> {
    const folder = join(server.dataDir, 'output', id);
    const sizes = await Promise.all((await readdir(folder)).map(async (name) => (await stat(join(folder, name))).size));
    return sizes.reduce((sum, size) => sum + size, 0);
  }
});
