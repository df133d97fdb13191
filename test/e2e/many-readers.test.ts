import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { expect, it } from 'vitest';
import { apiOf } from '../support/api.ts';
import { buildServer } from '../support/built.ts';
import { bytesOf, readEvents } from '../support/events.ts';
import { until } from '../support/until.ts';

const MIB = 1024 * 1024;
const READERS = 200;
/** More than the kernel takes for a reader that never reads. */
const FIRST_BYTES = 14 * MIB;
const LINES = 800;
/** A burst, then a line of 1,000 bytes every 10 ms, and at last how long that took. */
const CODE = `import sys, time
out = sys.stdout
out.write('-' * ${FIRST_BYTES}); out.flush()
sys.stdin.readline()
began = time.time()
for i in range(${LINES}):
 out.write(f"{i:06}" + "x" * 993 + "\\n"); out.flush(); time.sleep(0.01)
sys.stderr.write(str(time.time() - began))`;
const EXPECTED = createHash('sha256')
  .update(Array.from({ length: LINES }, (_, i) => `${String(i).padStart(6, '0')}${'x'.repeat(993)}\n`).join(''))
  .digest('hex');
/** Each reader holds a batch, and its connection some more. */
const MOST_MORE_BYTES = 400 * MIB;

async function residentBytes(pid: number): Promise<number> {
  return Number(/VmRSS:\s+(\d+) kB/.exec(await readFile(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024;
}

/** Sends a request and reads nothing of the answer. */
function neverRead(url: string, token: string): Socket {
  const { hostname, port, pathname } = new URL(url);
  const socket = connect(Number(port), hostname).pause();
  socket.on('error', () => undefined);
  socket.write(`GET ${pathname} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\n\r\n`);
  return socket;
}

it('200 readers of one chatty process get all of it, beside one that never reads, and the server stays small', async () => {
  await using server = await buildServer();
  const api = await apiOf(server);
  const id = await api.submit({ code: CODE, stdin: { data: '', close: false } });
  await until(async () => (await api.get(id)).stdout_bytes === FIRST_BYTES, 'the burst to be there');
  const url = `${server.url}/execute/processes/${id}/events`;
  const stalled = neverRead(url, api.token);

  let ready = 0;
  async function read(): Promise<string> {
    const hash = createHash('sha256');
    for await (const event of readEvents({ url: `${url}?offset=${FIRST_BYTES}`, token: api.token })) {
      if (event.event === 'status' && event.data.status === 'running') ready += 1;
      if (event.event === 'output' && event.data.stream === 'stdout') hash.update(bytesOf(event.data));
    }
    return hash.digest('hex');
  }
  const readers = Array.from({ length: READERS }, read);
  await until(() => ready === READERS, 'all readers to follow');
  const before = await residentBytes(server.pid());
  await api.call('POST', `/execute/processes/${id}/stdin`, { data: '\n' });
  let most = before;
  const watching = setInterval(async () => {
    most = Math.max(most, await residentBytes(server.pid()).catch(() => 0));
  }, 100);
  const digests = await Promise.all(readers);
  clearInterval(watching);
  stalled.destroy();

  expect(digests.every((digest) => digest === EXPECTED)).toBe(true);
  const { stderr } = await api.get(id);
  console.log(`${READERS} readers: program ${stderr} s for ${LINES} lines, server ${(before / MIB).toFixed(0)} → ${(most / MIB).toFixed(0)} MiB`);
  expect(most - before).toBeLessThan(MOST_MORE_BYTES);
});
