import { expect, it } from 'vitest';
import { createClient, type OutputChunk } from '../../src/client/index.ts';
import { apiOf } from '../support/api.ts';
import { buildServer } from '../support/built.ts';
import { until } from '../support/until.ts';

/** Numbered lines on both streams, the bytes of some no UTF-8. */
const COUNT = `
import os, time
for i in range(150):
    os.write(1, b"%d \\xff\\n" % i)
    os.write(2, b"e %d\\n" % i)
    time.sleep(0.05)
`;

const joined = (chunks: readonly OutputChunk[], wanted: string) => Buffer.concat(chunks.filter(({ stream }) => stream === wanted).map(({ data }) => data));

it('a client follows a process over restarts of the server, byte for byte', async () => {
  await using server = await buildServer();
  const client = createClient({ url: server.url, token: (await apiOf(server)).token });
  const { process_id } = await client.submit({ code: COUNT });
  const ended = client.wait(process_id);
  const chunks: OutputChunk[] = [];
  const followed = (async () => {
    for await (const chunk of client.output(process_id)) chunks.push(chunk);
  })();
  for (const signal of ['SIGKILL', 'SIGTERM'] as const) {
    const before = chunks.length;
    await until(() => chunks.length > before + 10, 'more output');
    await server.stop(signal);
    await server.start();
  }
  await followed;
  expect(String(joined(chunks, 'stderr'))).toBe(Array.from({ length: 150 }, (_, i) => `e ${i}\n`).join(''));
  expect(joined(chunks, 'stdout').toString('latin1')).toBe(Array.from({ length: 150 }, (_, i) => `${i} \xff\n`).join(''));
  const total = chunks.reduce((bytes, { data }) => bytes + data.length, 0);
  const stretch = await client.read(process_id, { stream: 'all', offset: -4 });
  expect(stretch).toEqual({
    data: expect.anything(),
    offset: total - 4,
    next_offset: total,
    total_bytes: total,
    dropped_bytes: 0,
    skipped_bytes: 0,
    eof: true,
  });
  expect(Buffer.concat(chunks.map(({ data }) => data)).subarray(-4)).toEqual(Buffer.from(stretch.data));
  expect(await ended).toMatchObject({ status: 'completed', exit_code: 0 });
});

it('a client watches every process of its sandbox', async () => {
  await using server = await buildServer();
  const client = createClient({ url: server.url, token: (await apiOf(server)).token });
  const seen: string[] = [];
  const stop = new AbortController();
  const watched = (async () => {
    for await (const { process } of client.watch({ signal: stop.signal })) seen.push(`${process.name} ${process.status}`);
  })();
  await client.run({ code: 'true', language: 'bash', name: 'a' });
  await until(() => seen.length === 3, 'its three statuses');
  expect(seen).toEqual(['a queued', 'a running', 'a completed']);
  stop.abort();
  await expect(watched).rejects.toMatchObject({ name: 'AbortError' });
});

it('a client places files before a process, feeds it, and fetches what it leaves', async () => {
  await using server = await buildServer();
  const client = createClient({ url: server.url, token: (await apiOf(server)).token });
  const bytes = Uint8Array.from({ length: 256 }, (_, byte) => byte);
  const { process_id } = await client.submit({
    language: 'bash',
    code: 'cat "$1" - > both; echo $#',
    args: ['data', 'x'],
    files: { data: { data: Buffer.from(bytes).toString('base64'), encoding: 'base64' } },
    stdin: { data: 'a', close: false },
    artifacts: ['bo*'],
    limits: { memory_mb: 64 },
  });
  await client.writeStdin(process_id, Uint8Array.of(255));
  await client.writeStdin(process_id, 'z', { close: true });
  const ended = await client.wait(process_id);
  expect(ended).toMatchObject({ status: 'completed', stdout: '2\n', limits: { memory_mb: 64 }, artifacts: [{ path: '/workspace/both', size: 259 }] });
  expect(Buffer.from(await client.artifact(process_id, 'both'))).toEqual(Buffer.from([...bytes, 97, 255, 122]));
  await expect(client.writeStdin(process_id, 'more')).rejects.toMatchObject({ name: 'ConflictError' });
  await expect(client.artifact(process_id, 'data')).rejects.toMatchObject({ name: 'NotFoundError', code: 'FILE_NOT_FOUND' });
});
