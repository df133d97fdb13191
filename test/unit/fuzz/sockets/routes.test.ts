import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { SOCKET_ROUTES } from '../../../fuzz/sockets/routes.ts';

const FOLDER = new URL('../../../../src/http/routes/', import.meta.url);

test('no route that takes WebSockets is left out', () => {
  const sources = readdirSync(FOLDER).map((name) => readFileSync(new URL(name, FOLDER), 'utf8'));
  const taking = sources.flatMap((source) => [...source.matchAll(/app\.get\('([^']+)', \{[^\n]*websocket: true/g)].map(([, path]) => path));
  expect(sources.filter((source) => source.includes('isSocket: true'))).toHaveLength(taking.length);
  expect(SOCKET_ROUTES.map(({ path }) => path).toSorted()).toEqual(taking.toSorted());
});
