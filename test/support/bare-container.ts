import { randomUUID } from 'node:crypto';
import type { Duplex } from 'node:stream';
import type { Container, ContainerCreateOptions } from 'dockerode';
import { containerOptions } from '../../src/engine/docker/container-options.ts';
import { readTraits } from '../../src/engine/docker/docker-engine.ts';
import { docker } from './docker.ts';
import { imageReference } from './images.ts';

export type HostConfig = NonNullable<ContainerCreateOptions['HostConfig']>;
export type Options = ContainerCreateOptions & { HostConfig: HostConfig };

const MIB = 1024 * 1024;

/** One for all, because the engine may make something for each. */
const instance = `test-${randomUUID()}`;

/** What a container of a sandbox gets on this engine. */
export async function optionsInForce(sandboxId: string): Promise<Options> {
  const limits = { memoryBytes: 64 * MIB, cpus: 0.25, pids: 32, tmpBytes: 8 * MIB };
  const spec = { scope: { tenant: 'options', sandbox: 'default' }, image: 'bash', sandboxId, uid: 20_123, limits };
  const traits = await readTraits({ docker, instance, imageReference, workspaceBytes: 16 * MIB });
  return containerOptions(spec, { ...traits, defaultRuntime: 'runc' }) as Options;
}

/** Does something to a container, made and not started yet, and removes it. An engine that refuses it says "refused". */
export async function withContainer(options: Options, work: (container: Container) => Promise<string>): Promise<string> {
  const container = await docker.createContainer(options).catch((error) => (error.statusCode === 400 ? undefined : Promise.reject(error)));
  if (!container) return 'refused';
  try {
    return await work(container);
  } finally {
    await container.remove({ force: true, v: true }).catch(() => undefined);
  }
}

/** With bash in place of the launcher, and nothing on standard input. */
export function running(code: string): (options: Options) => Options {
  return (options) => ({ ...options, Cmd: ['/bin/bash', '-c', code], OpenStdin: false, StdinOnce: false, AttachStdin: false });
}

/** What bash code prints. */
export function prints(code: string): (options: Options) => Promise<string> {
  return (options) => withContainer(running(code)(options), async (container) => String(await printed(container)));
}

/** Starts it, and answers what it has printed when it has ended, or what the engine has kept of that. */
export async function printed(container: Container): Promise<Buffer> {
  await container.start();
  await container.wait();
  return logOf(container);
}

export async function logOf(container: Container): Promise<Buffer> {
  return dataOf((await container.logs({ stdout: true, stderr: false })) as unknown as Buffer);
}

/** Frames have 8 bytes before each piece. */
function dataOf(frames: Buffer): Buffer {
  const pieces: Buffer[] = [];
  for (let at = 0; at + 8 <= frames.length; ) {
    const end = at + 8 + frames.readUInt32BE(at + 4);
    pieces.push(frames.subarray(at + 8, end));
    at = end;
  }
  return Buffer.concat(pieces);
}

/** Its streams, both ways. */
export async function attached(container: Container): Promise<Duplex> {
  return (await container.attach({ hijack: true, stream: true, stdin: true, stdout: true, stderr: true })) as Duplex;
}

/** An image like ours whose own settings are others than ours, so that it shows who has the last word. */
export async function makeOtherImage(reference: string): Promise<void> {
  const habits = { Entrypoint: ['/bin/echo', 'entered'], Cmd: ['/bin/echo', 'commanded'], StopSignal: 'SIGUSR1', WorkingDir: '/etc' };
  const container = await docker.createContainer({ Image: imageReference('bash'), ...habits });
  const [repo, tag] = reference.split(':');
  try {
    await container.commit({ repo, tag });
  } finally {
    await container.remove({ force: true });
  }
}
