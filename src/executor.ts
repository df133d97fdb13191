import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { z } from 'zod';
import type { AcceptedProcess, Process, ProcessRequest } from './client/types.ts';
import { clearEngine } from './compose/clear-engine.ts';
import { createExecution, type Execution } from './compose/execution.ts';
import { openStorage } from './compose/storage.ts';
import { startUpkeep } from './compose/upkeep.ts';
import { type Config, readConfig } from './config.ts';
import { connectDocker } from './engine/docker/connect.ts';
import { inspectImage } from './engine/docker/inspect-image.ts';
import { CoracleError } from './errors.ts';
import { presentAccepted, toSubmission } from './http/routes/background.ts';
import { backgroundBody } from './http/schemas/execute.ts';
import { createView, RECORD_TAIL_BYTES } from './http/view.ts';
import { imageReferences } from './images/catalog.ts';
import { readInstance } from './instance.ts';
import type { OutputStore, OutputStream } from './output/output-store.ts';
import type { ProcessRecord } from './process/record.ts';
import { isTerminal } from './process/status.ts';

export type { AcceptedProcess, Process, ProcessRequest } from './client/types.ts';

export interface ExecutorOptions {
  /** Names or aliases of languages whose images have to be there; others are found missing when code in them is run. */
  readonly languages?: readonly string[];
  /** Settings by the names that the server's environment has for them, as in `{ CORACLE_MEMORY_MB: '256' }`; they go before the environment's own. */
  readonly settings?: Readonly<Record<string, string>>;
}

export interface RunOptions {
  /** Whose `/workspace` and user it gets; `default` when not given. */
  readonly sandbox?: string;
  /** Ends the process, and the call rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** Coracle inside this program: the server's use-cases, records and limits, without HTTP. */
export interface Executor extends AsyncDisposable {
  /** What its containers and volumes are labelled with, as `coracle.instance`. */
  readonly instance: string;
  /** Runs code to its end. A program that fails is no error: `status`, `failure` and `exit_code` say it. Rejects with a CoracleError (INVALID_REQUEST, QUEUE_FULL, …). */
  run(request: ProcessRequest, options?: RunOptions): Promise<Process>;
  /** Starts code and does not wait for it. */
  submit(request: ProcessRequest, options?: Omit<RunOptions, 'signal'>): Promise<AcceptedProcess>;
  /** As it is now, with the end of its output. */
  get(id: string): Promise<Process>;
  /** Resolves when it has ended. */
  wait(id: string, options?: Pick<RunOptions, 'signal'>): Promise<Process>;
  /** Ends it and everything that it started; resolves when it has ended, also when it already had. */
  kill(id: string): Promise<Process>;
  /** All that is kept of a stream, exact to the byte. */
  output(id: string, stream: OutputStream): Promise<Uint8Array>;
  /** Ends what runs, and removes containers, workspaces, records and output. The same as leaving an `await using` scope. Idempotent. */
  close(): Promise<void>;
}

const TENANT = 'embedded';
const WAIT_MS = 3_600_000;

/**
 * Opens an executor with a data folder and an instance of its own. Rejects with ENGINE_UNAVAILABLE when no container engine answers, IMAGE_MISSING when it lacks
 * the image of one of `languages`, and CONFIG_INVALID. A program that is killed before it closes its executor leaves containers (until their
 * time-out) and volumes behind, labelled with its instance.
 */
export async function openExecutor({ languages = [], settings = {} }: ExecutorOptions = {}): Promise<Executor> {
  const dataDir = await mkdtemp(join(tmpdir(), 'coracle-executor-'));
  await using opened = new AsyncDisposableStack();
  opened.defer(() => rm(dataDir, { recursive: true, force: true }));
  const config = readConfig({ CORACLE_LOG_LEVEL: 'error', ...process.env, ...settings, CORACLE_DATA_DIR: dataDir });
  const storage = await openStorage(dataDir);
  opened.defer(() => storage.close());
  const execution = createExecution(config, storage, pino({ level: config.logLevel }, pino.destination(2)));
  await requireEngine(config, execution, languages);
  await startUpkeep(config, execution);
  opened.defer(() => clearEngine(execution));
  return executorOn(execution, { instance: readInstance(dataDir), closing: opened.move() });
}

async function requireEngine({ imageTag }: Config, { engine, languages }: Execution, names: readonly string[]): Promise<void> {
  const images = [...new Set(names.map((name) => languages.resolve(name).image))];
  try {
    await engine.ping();
  } catch (error) {
    throw new CoracleError('ENGINE_UNAVAILABLE', 'No container engine answers. Start it ("sudo systemctl start docker"), or set DOCKER_HOST.', error);
  }
  const docker = connectDocker();
  for (const reference of images.map(imageReferences(imageTag))) {
    if (!(await inspectImage(docker, reference)))
      throw new CoracleError('IMAGE_MISSING', `The container engine has no image ${reference}. Run "npx coracle images build ${images.join(' ')}".`);
  }
}

function executorOn(execution: Execution, { instance, closing }: { instance: string; closing: AsyncDisposableStack }): Executor {
  const { store, outputs } = execution;
  const view = createView(outputs);
  const show = (record: ProcessRecord) => view(record, RECORD_TAIL_BYTES);
  let closed: Promise<void> | undefined;

  async function load(id: string): Promise<ProcessRecord> {
    const loaded = await store.load(id);
    if (!loaded) throw new CoracleError('NOT_FOUND', `No such process: ${id}`);
    return loaded.record;
  }

  async function submit(request: ProcessRequest, { sandbox = 'default' }: RunOptions = {}): Promise<AcceptedProcess> {
    if (closed) throw new CoracleError('SERVICE_UNAVAILABLE', 'This executor is closed. Open another.');
    const parsed = backgroundBody.safeParse(request);
    if (!parsed.success) throw new CoracleError('INVALID_REQUEST', `The request cannot be used. ${z.prettifyError(parsed.error)}`);
    return presentAccepted(await execution.submit({ tenant: TENANT, sandbox }, toSubmission(parsed.data)));
  }

  async function wait(id: string, { signal = new AbortController().signal }: RunOptions = {}): Promise<Process> {
    const { scope } = await load(id);
    for (;;) {
      const record = (await execution.waitUntilEnded(scope, id, { ms: WAIT_MS, signal })) ?? (await load(id));
      if (isTerminal(record.status)) return show(record);
      signal.throwIfAborted();
    }
  }

  async function kill(id: string): Promise<Process> {
    const { scope } = await load(id);
    await execution.kill(scope, id);
    return show(await load(id));
  }

  async function run(request: ProcessRequest, options: RunOptions = {}): Promise<Process> {
    options.signal?.throwIfAborted();
    const { process_id } = await submit(request, options);
    return wait(process_id, options).catch(async (error) => {
      await kill(process_id);
      throw error;
    });
  }

  const close = () => {
    closed ??= closing.disposeAsync();
    return closed;
  };
  return {
    instance,
    run,
    submit,
    get: async (id) => show(await load(id)),
    wait,
    kill,
    async output(id, stream) {
      const { outputLimit } = await load(id);
      return readAll(outputs, { id, stream, limit: outputLimit });
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** A read stops where bytes were dropped. */
async function readAll(outputs: OutputStore, { id, stream, limit }: { id: string; stream: OutputStream; limit: number }): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  for (let offset = 0; ; ) {
    const { data, nextOffset, totalBytes } = await outputs.read(id, { stream, offset, limit });
    pieces.push(data);
    if (nextOffset >= totalBytes) return Buffer.concat(pieces);
    offset = nextOffset;
  }
}
