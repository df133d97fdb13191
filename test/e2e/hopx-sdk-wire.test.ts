import { writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import fastifyMultipart from '@fastify/multipart';
import { Files, HTTPClient, WSClient } from '@hopx-ai/sdk';
import Fastify, { type FastifyInstance } from 'fastify';
import { describe, expect, it } from 'vitest';
import { WebSocketServer } from 'ws';
import { GAP_MS, openSession } from '../../src/http/sockets/session.ts';
import { installUploads, type Uploads } from '../../src/http/uploads.ts';
import { tempFolder } from '../support/temp-folder.ts';

/** As in hopx-sdk-allowances: what we do only because the client is as it is, shown with the allowance and without. */
const MOST_BYTES = 1024 * 1024;

/** Uploads a file by the client to a server of one route; answers what that took for the path. */
async function uploadTo(route: (app: FastifyInstance, folder: string) => Promise<void>): Promise<unknown> {
  await using folder = await tempFolder();
  const local = join(folder.path, 'local.bin');
  await writeFile(local, Buffer.alloc(100_000, 7));
  const app = Fastify();
  await route(app, join(folder.path, 'uploads'));
  const baseURL = await app.listen({ host: '127.0.0.1', port: 0 });
  try {
    const client = new HTTPClient({ baseURL, jwtToken: 'token', timeout: 30_000, maxRetries: 1 });
    let answer: unknown;
    const post = client.post.bind(client);
    client.post = async (...call: Parameters<typeof post>) => {
      answer = await post(...call);
      return answer as never;
    };
    await new Files(client).upload(local, '/workspace/there.bin');
    return answer;
  } finally {
    await app.close();
  }
}

describe('the client sends the file before the path that it is for', () => {
  it('so the file is kept until that has come', async () => {
    const answer = await uploadTo(async (app, folder) => {
      const uploads: Uploads = await installUploads(app, { folder, mostBytes: MOST_BYTES });
      app.post('/files/upload', (request) => uploads.receive(request, async ({ fields, size }) => ({ ...fields, size })));
    });
    expect(answer).toEqual({ path: '/workspace/there.bin', size: 100_000 });
  });

  it('and a server that streams it on as it comes does not know where to', async () => {
    const answer = await uploadTo(async (app) => {
      await app.register(fastifyMultipart);
      app.post('/files/upload', async (request) => {
        const file = await request.file();
        const known = Object.keys(file?.fields ?? {});
        file?.file.resume();
        return { known };
      });
    });
    expect(answer).toEqual({ known: ['file'] });
  });
});

const FRAMES = 50;
const HANGS_MS = 3_000;

/** How many of so many frames the client yields when they are so many milliseconds apart, until it ends or hangs; it may stop reading at first, as on a busy machine. */
async function framesSeen(gapMs: number, { stallsMs = 0 } = {}): Promise<number> {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  await new Promise((resolve) => server.once('listening', resolve));
  server.on('connection', (socket) => {
    const session = openSession({ socket, onInvalid: () => undefined, gapMs });
    for (let index = 1; index <= FRAMES; index += 1) void session.send({ type: index === FRAMES ? 'complete' : 'stdout', index });
  });
  const client = new WSClient(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, 'token');
  const connection = await client.connect('/execute/stream');
  if (stallsMs > 0) {
    connection.pause();
    setTimeout(() => connection.resume(), stallsMs);
  }
  let seen = 0;
  async function read(): Promise<void> {
    for await (const message of client.messages(connection)) {
      seen += 1;
      if ((message as { type: string }).type === 'complete') return;
    }
  }
  await Promise.race([read(), sleep(HANGS_MS)]);
  connection.terminate();
  await new Promise((resolve) => server.close(resolve));
  return seen;
}

describe('the client loses frames that are sent back to back', () => {
  it('so they are sent with a gap, and all arrive', async () => {
    expect(await framesSeen(GAP_MS)).toBeGreaterThanOrEqual(FRAMES - 1);
  });

  it('also when it stops reading for a while', async () => {
    expect(await framesSeen(GAP_MS, { stallsMs: 300 })).toBeGreaterThanOrEqual(FRAMES - 1);
  });

  it('and without the gap they do not', async () => {
    expect(await framesSeen(0)).toBeLessThan(FRAMES - 1);
  });
});
