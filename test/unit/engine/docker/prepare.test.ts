import { PassThrough } from 'node:stream';
import type Docker from 'dockerode';
import { expect, test } from 'vitest';
import { prepareContainer } from '../../../../src/engine/docker/prepare.ts';
import { imageReference } from '../../../support/images.ts';
import { specOf } from '../../../support/leftovers.ts';

const TRAITS = {
  instance: 'inst_1',
  cpus: 1,
  cgroupVersion: 2,
  cgroupDriver: null,
  imageReference,
  workspaceBytes: 1,
  resolvers: [],
  defaultRuntime: 'runc',
  gvisorRuntimes: [],
} as const;

const preparing = (docker: Docker) =>
  prepareContainer({ docker, spec: specOf(), traits: TRAITS, name: 'coracle-1', signal: new AbortController().signal, adopt: async () => 'gone' });

test('a container that ended before its job has taken none, also when the engine is away as it is to be removed', async () => {
  const socket = new PassThrough();
  const container = {
    id: 'abc',
    attach: async () => socket,
    start: async () => undefined,
    remove: () => Promise.reject(new Error('connect ECONNREFUSED')),
  };
  const docker = { createContainer: async () => container } as unknown as Docker;
  const prepared = await preparing(docker);
  socket.end();
  await prepared.died;
  expect(await prepared.begin({ workingDir: '/', compile: [], run: ['true'], env: {}, files: [] })).toBeUndefined();
});

test('the options of a container go in the body of the request alone', async () => {
  const requests: unknown[] = [];
  const docker = {
    createContainer: async (request: unknown) => {
      requests.push(request);
      throw Object.assign(new Error('no such image'), { statusCode: 404 });
    },
  } as unknown as Docker;
  const prepared = preparing(docker);
  await expect(prepared).rejects.toMatchObject({ code: 'IMAGE_MISSING' });
  expect(requests).toEqual([{ _query: { name: 'coracle-1' }, _body: expect.objectContaining({ HostConfig: expect.any(Object) }) }]);
});
