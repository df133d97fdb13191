import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { type Api, apiOf } from '../support/api.ts';
import { type BuiltServer, buildServer } from '../support/built.ts';
import { bytesOf, type ReceivedEvent, readEvents } from '../support/events.ts';
import { seededRandom } from '../support/random.ts';

const LINES = 600;
/** Both streams in turn, for a minute, so slowly that the engine takes the lines one by one. */
const CODE = `import sys, time\nfor i in range(${LINES}):\n (sys.stderr if i % 2 else sys.stdout).write(f"{i:05} ä\\n")\n sys.stdout.flush(); sys.stderr.flush()\n time.sleep(0.1)`;
const line = (index: number) => `${String(index).padStart(5, '0')} ä\n`;
const linesOf = (written: string) => written.split(/(?<=\n)/);
/** Five seconds. */
const MOST_ASTRAY = 50;
const EXPECTED = Array.from({ length: LINES }, (_, index) => line(index));

/** Reads on from the last event, and is cut off after some hundred milliseconds. */
async function readForAWhile(server: BuiltServer, path: string, { token, all, ms }: { token: string; all: ReceivedEvent[]; ms: number }): Promise<void> {
  const url = server.url + path;
  try {
    for await (const event of readEvents({ url, token, lastEventId: all.at(-1)?.id, signal: AbortSignal.timeout(ms) })) all.push(event);
  } catch {
    // Cut off, or the server is down just now.
    await sleep(20);
  }
}

function isOver(all: readonly ReceivedEvent[]): boolean {
  const last = all.at(-1);
  return last?.event === 'status' && last.data.completed_at !== null;
}

const text = (all: readonly ReceivedEvent[], wants: (stream: string) => boolean = () => true) =>
  Buffer.concat(all.flatMap((event) => (event.event === 'output' && wants(event.data.stream) ? [bytesOf(event.data)] : []))).toString();

async function wholeOutput(api: Api, id: string): Promise<string> {
  return (await api.call<{ data: string }>('GET', `/execute/processes/${id}/output?stream=all`)).body.data;
}

it('a reader that is cut all the time, over two restarts of the server, has the whole output in its order', async () => {
  await using server = await buildServer();
  const api = await apiOf(server);
  const id = await api.submit({ code: CODE });
  const random = seededRandom(7);
  const all: ReceivedEvent[] = [];
  const restarts = (async () => {
    for (const signal of ['SIGKILL', 'SIGTERM'] as const) {
      await sleep(18_000);
      await server.stop(signal);
      await server.start();
    }
  })();
  let cuts = 0;
  for (; !isOver(all); cuts += 1) await readForAWhile(server, `/execute/processes/${id}/events`, { token: api.token, all, ms: random.integer(150, 600) });
  await restarts;
  expect(all.flatMap((event) => (event.event === 'status' ? [event.data.status] : []))).toEqual(['queued', 'running', 'completed']);
  expect(text(all, (stream) => stream === 'stdout')).toBe(EXPECTED.filter((_line, index) => index % 2 === 0).join(''));
  expect(text(all, (stream) => stream === 'stderr')).toBe(EXPECTED.filter((_line, index) => index % 2 === 1).join(''));
  expect(text(all)).toBe(await wholeOutput(api, id));
  // The engine has a pipe for each stream: what a busy machine lets lie in both comes one stream after the other.
  expect(Math.max(...linesOf(text(all)).map((written, index) => Math.abs(EXPECTED.indexOf(written) - index)))).toBeLessThan(MOST_ASTRAY);
  expect(cuts).toBeGreaterThan(60);
});
