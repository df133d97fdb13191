import { expect, test } from 'vitest';
import type { FindFiles } from '../../../src/execution/keep-artifacts.ts';
import { createPlace, read, SCOPE, startServer, untilOver, untilStatus } from '../../support/place.ts';

const MIB = 1024 * 1024;

/** Finds these files, in pieces, whatever is asked for, and notes what that is. */
function finding(files: readonly { path: string; data: Buffer }[], asked: unknown[] = []): FindFiles {
  return async function* find(scope, patterns) {
    asked.push([scope, patterns]);
    for (const { path, data } of files) {
      async function* content() {
        yield data.subarray(0, 3);
        yield data.subarray(3);
      }
      yield { path, size: data.length, content: content() };
    }
  };
}

async function kept(place: Awaited<ReturnType<typeof createPlace>>, id: string, index: number): Promise<Buffer | undefined> {
  const data = await place.outputs.artifact(id, index);
  const parts: Uint8Array[] = [];
  for await (const part of data ?? []) parts.push(part);
  return data && Buffer.concat(parts);
}

const ONE = { path: '/workspace/a', data: Buffer.from([0, 255, 1, 2]) };
const patterns = ['/workspace/*'];

test.each([0, 3])('what a process with exit code %i leaves is kept with its record', async (ends) => {
  await using place = await createPlace(() => ({ ends }));
  const asked: unknown[] = [];
  const server = startServer(place, { findFiles: finding([ONE, { path: '/tmp/empty', data: Buffer.alloc(0) }], asked) });
  const { id, artifacts, storedBytes } = await untilOver(place, await server.submit({ artifacts: patterns }));
  expect(asked).toEqual([[SCOPE, patterns]]);
  const files = [
    { path: '/workspace/a', size: 4, isKept: true },
    { path: '/tmp/empty', size: 0, isKept: true },
  ];
  expect(artifacts).toEqual({ patterns, files });
  expect(storedBytes).toBe(4);
  expect([await kept(place, id, 0), await kept(place, id, 1), await kept(place, id, 2)]).toEqual([ONE.data, Buffer.alloc(0), undefined]);
  await server.remove(SCOPE, id);
  expect(await kept(place, id, 0)).toBeUndefined();
});

test('what goes beyond the bound is told and not kept', async () => {
  await using place = await createPlace();
  const large = { path: '/workspace/large', data: Buffer.alloc(40 * MIB) };
  const server = startServer(place, { findFiles: finding([large, { ...large, path: '/workspace/second' }, ONE]) });
  const { artifacts } = await untilOver(place, await server.submit({ artifacts: patterns }));
  expect(artifacts?.files?.map(({ isKept }) => isKept)).toEqual([true, false, true]);
});

test('what cannot be fetched costs the artifacts only', async () => {
  await using place = await createPlace();
  const server = startServer(place, {
    async *findFiles() {
      yield* [];
      throw new Error('the engine is away');
    },
  });
  expect(await untilOver(place, await server.submit({ artifacts: patterns }))).toMatchObject({ status: 'completed', artifacts: { patterns, files: null } });
  expect(server.logged).toContain('the artifacts of a process could not be kept');
});

test('nothing is looked for where nothing was asked for, or after a kill', async () => {
  await using place = await createPlace(() => ({ ends: 'never' }));
  const asked: unknown[] = [];
  const server = startServer(place, { findFiles: finding([ONE], asked) });
  const [one, other] = [await server.submit(), await server.submit({ artifacts: patterns })];
  for (const { id } of [one, other]) {
    await untilStatus(place, { id }, 'running');
    await server.kill(SCOPE, id);
  }
  expect((await read(place, one)).artifacts).toBeNull();
  expect((await read(place, other)).artifacts).toEqual({ patterns, files: null });
  expect(asked).toEqual([]);
});
