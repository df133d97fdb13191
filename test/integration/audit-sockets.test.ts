import { once } from 'node:events';
import { expect, test } from 'vitest';
import { WebSocket } from 'ws';
import type { AuditEntry } from '../../src/http/audit.ts';
import { mintToken } from '../../src/http/auth.ts';
import { appOf, JWT_SECRET } from '../support/app.ts';
import { createPlace, startServer } from '../support/place.ts';
import { until } from '../support/until.ts';

test.each([
  ['a good token', ['processes:write'], { tenant: 'acme', action: 'GET /execute/stream', status: 101, code: null }],
  ['a token without the scope', ['processes:read'], { tenant: 'acme', action: 'GET /execute/stream', status: 403, code: 'FORBIDDEN' }],
] as const)('a WebSocket that is asked for with %s is in the audit log', async (_title, scopes, expected) => {
  await using place = await createPlace();
  const entries: AuditEntry[] = [];
  const app = await appOf(place, startServer(place), { audit: (entry) => void entries.push(entry) });
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  const token = await mintToken(JWT_SECRET, { tenant: 'acme', scopes, ttlSeconds: 60 });
  const socket = new WebSocket(`${url.replace('http', 'ws')}/execute/stream`, { headers: { Authorization: `Bearer ${token}` } });
  socket.on('error', () => undefined);
  await once(socket, scopes[0] === 'processes:write' ? 'open' : 'error').catch(() => undefined);
  socket.close();
  await until(() => entries.length > 0, 'the entry', 5_000);
  expect(entries).toMatchObject([expected]);
  await app.close();
});
