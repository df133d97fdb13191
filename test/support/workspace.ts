import { randomUUID } from 'node:crypto';
import { createDockerEngine } from '../../src/engine/docker/docker-engine.ts';
import { LABEL, volumeNames } from '../../src/engine/docker/labels.ts';
import type { FoundFile } from '../../src/execution/keep-artifacts.ts';
import type { SandboxStore } from '../../src/sandbox/sandbox.ts';
import { createGate } from '../../src/tenancy/gate.ts';
import { createFindFiles } from '../../src/workspace/find-files.ts';
import { readHelper } from '../../src/workspace/helper-output.ts';
import { createHelpers, type Helper } from '../../src/workspace/helpers.ts';
import { createWorkspace, type Place, type Workspace } from '../../src/workspace/workspace.ts';
import { cleanEngine, containersOf, docker } from './docker.ts';
import { imageReference } from './images.ts';
import { newSandbox } from './sandboxes.ts';

export interface TestWorkspaceOptions {
  readonly mostBytes: number;
  /** Of the largest file that a program may write. */
  readonly workspaceBytes: number;
  /** Makes the volumes such filesystems in memory. Something must run as long as they are to keep what is in them. */
  readonly memoryBytes?: number;
}

/** The files of one sandbox on real Docker without a server, and programs beside them. */
export interface TestWorkspace extends AsyncDisposable {
  readonly workspace: Workspace;
  /** As artifacts are found, by absolute globs. */
  find(...patterns: string[]): AsyncIterable<FoundFile>;
  at(path: string, signal?: AbortSignal): Place;
  write(path: string, content: string | AsyncIterable<Uint8Array>, more?: { size?: number; mode?: number; signal?: AbortSignal }): Promise<void>;
  read(path: string): Promise<Buffer>;
  names(path: string): Promise<string[]>;
  /** What bash code prints. */
  run(code: string): Promise<string>;
  /** Bash code that goes on until it is disposed of. */
  start(code: string): Promise<Helper>;
  /** How many containers there are. */
  containers(): Promise<number>;
}

const LIMITS = { memoryBytes: 128 * 1024 * 1024, cpus: 1, pids: 64, tmpBytes: 16 * 1024 * 1024 };

export async function openWorkspace({ mostBytes, workspaceBytes, memoryBytes }: TestWorkspaceOptions): Promise<TestWorkspace> {
  const instance = `test-${randomUUID()}`;
  const sandbox = newSandbox();
  const { scope } = sandbox;
  if (memoryBytes) await memoryVolumes({ instance, sandboxId: sandbox.id, memoryBytes });
  const engine = createDockerEngine({ docker, instance, imageReference, workspaceBytes });
  const sandboxes = { ensure: async () => sandbox } as Pick<SandboxStore, 'ensure'> as SandboxStore;
  const helpers = createHelpers({ engine, sandboxes, limits: LIMITS, runtime: null, log: { info() {}, warn() {}, error() {} } });
  const workspace = createWorkspace({ helpers, mostBytes });
  const gate = createGate({ all: 8, perTenant: () => 8, waiting: 0 });
  const forever = new AbortController().signal;
  const at = (path: string, signal = forever): Place => ({ scope, path, signal });

  function start(code: string): Promise<Helper> {
    const env = { PATH: '/usr/bin:/bin', LANG: 'C.UTF-8' };
    return helpers.start({ scope, image: 'bash', run: ['/usr/bin/bash', '-c', code], env, gate, signal: forever });
  }

  return {
    workspace,
    find: (...patterns) => createFindFiles(helpers)(scope, patterns, forever),
    at,
    async write(path, content, { size, mode = 0o644, signal } = {}) {
      const bytes = typeof content === 'string' ? Buffer.from(content) : undefined;
      const pieces = bytes ? [bytes].values() : (content as AsyncIterable<Uint8Array>);
      await workspace.write({ ...at(path, signal), size: size ?? bytes?.length ?? 0, mode, overwrite: true, content: each(pieces) });
    },
    read: async (path) => bytesOf((await workspace.read(at(path))).data),
    names: async (path) => (await workspace.list(at(path))).map(({ name }) => name),
    async run(code) {
      const helper = await start(code);
      return bytesOf(readHelper(helper.container).rest())
        .then(String)
        .finally(() => helper.dispose());
    },
    start,
    containers: async () => (await containersOf(instance)).length,
    [Symbol.asyncDispose]: () => cleanEngine(instance),
  };
}

export async function bytesOf(pieces: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const all: Uint8Array[] = [];
  for await (const piece of pieces) all.push(piece);
  return Buffer.concat(all);
}

async function* each(pieces: Iterable<Uint8Array> | AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield* pieces;
}

/** The engine takes volumes that are there already. */
async function memoryVolumes({ instance, sandboxId, memoryBytes }: { instance: string; sandboxId: string; memoryBytes: number }): Promise<void> {
  for (const { name } of volumeNames(sandboxId)) {
    const options = { type: 'tmpfs', device: 'tmpfs', o: `size=${memoryBytes},mode=1777` };
    await docker.createVolume({ Name: name, Driver: 'local', DriverOpts: options, Labels: { [LABEL.instance]: instance } });
  }
}
