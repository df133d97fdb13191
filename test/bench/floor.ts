import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import type Docker from 'dockerode';
import { containerOptions } from '../../src/engine/docker/container-options.ts';
import { readTraits } from '../../src/engine/docker/docker-engine.ts';
import { volumeNames } from '../../src/engine/docker/labels.ts';
import { encodeJob } from '../../src/engine/job.ts';
import { readCatalog } from '../../src/images/catalog.ts';
import { PROJECT_ROOT } from '../../src/version.ts';
import { docker } from '../support/docker.ts';
import { imageReference } from '../support/images.ts';
import { specOf } from '../support/leftovers.ts';

const INSTANCE = `bench-floor-${process.pid}`;
const SANDBOX = INSTANCE;

export interface FloorTiming {
  readonly firstByte: number;
  /** Until its end is known. */
  readonly terminal: number;
  /** Until it is removed. */
  readonly removed: number;
}

/** What the engine itself takes for a container with our options: create, attach, start, wait, remove, straight on its API. */
export async function createFloor() {
  const traits = await readTraits({ docker, instance: INSTANCE, imageReference });
  const languages = new Map(readCatalog(`${PROJECT_ROOT}/images`).map(({ language }) => [language.name, language]));
  const limits = { memoryBytes: 512 * 1024 * 1024, cpus: 1, pids: 128, tmpBytes: 64 * 1024 * 1024 };

  return {
    async run(name: string, code: string, onData: (data: Buffer) => void = () => undefined): Promise<FloorTiming> {
      const language = languages.get(name);
      if (!language) throw new Error(`there is no language ${name}`);
      const { compile, run, env, file, image } = language;
      const job = encodeJob({ workingDir: '/workspace', compile, run, env, files: [{ path: file, mode: 0o644, content: Buffer.from(code) }] });
      const began = performance.now();
      // In the body only, as the server does.
      const request = { _query: {}, _body: containerOptions({ ...specOf(SANDBOX), image, limits }, traits) };
      const container = await docker.createContainer(request as Docker.ContainerCreateOptions);
      const socket = (await container.attach({ hijack: true, stream: true, stdin: true, stdout: true, stderr: true })) as Duplex;
      let firstByte = Number.NaN;
      let seen = 0;
      socket.on('data', (data: Buffer) => {
        seen += 1;
        // The first piece is the launcher's word that it has the job.
        if (seen === 2) firstByte = performance.now() - began;
        onData(data);
      });
      const ended = once(socket, 'end');
      await container.start();
      socket.end(job);
      await container.wait();
      await ended;
      const terminal = performance.now() - began;
      await container.remove({ force: true, v: true });
      return { firstByte, terminal, removed: performance.now() - began };
    },
    async [Symbol.asyncDispose]() {
      for (const { name } of volumeNames(SANDBOX))
        await docker
          .getVolume(name)
          .remove()
          .catch(() => undefined);
    },
  };
}

export type Floor = Awaited<ReturnType<typeof createFloor>>;
