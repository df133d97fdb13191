import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ContainerEngine, ContainerSpec, ContainerSummary } from '../../src/engine/container-engine.ts';
import { createControl } from '../../src/execution/control.ts';
import { createEvents } from '../../src/execution/events.ts';
import { createExecute } from '../../src/execution/execute.ts';
import type { FindFiles } from '../../src/execution/keep-artifacts.ts';
import { createKill } from '../../src/execution/kill.ts';
import { createKillMany } from '../../src/execution/kill-many.ts';
import { notifyingOutputs, notifyingStore } from '../../src/execution/notify.ts';
import { createSandboxPauser } from '../../src/execution/pause-sandbox.ts';
import { createPausedSandboxes } from '../../src/execution/paused.ts';
import { createSandboxReaper } from '../../src/execution/reap-sandboxes.ts';
import { createReconciler } from '../../src/execution/reconcile.ts';
import { recover } from '../../src/execution/recover.ts';
import { createRemove } from '../../src/execution/remove.ts';
import { createRetention, type RetentionOptions } from '../../src/execution/retention.ts';
import { createScheduler } from '../../src/execution/scheduler.ts';
import { sharedReads } from '../../src/execution/shared-reads.ts';
import { createSubmit, type OutputPolicy, type Submission } from '../../src/execution/submit.ts';
import { createSupervisor } from '../../src/execution/supervisor.ts';
import { createWaitUntilEnded } from '../../src/execution/wait.ts';
import { createWatchProcess } from '../../src/execution/watch-process.ts';
import { createWatchSandbox } from '../../src/execution/watch-sandbox.ts';
import { createLanguageRegistry } from '../../src/languages/registry.ts';
import type { OutputStore, OutputStream } from '../../src/output/output-store.ts';
import { createSpool } from '../../src/output/spool.ts';
import type { ProcessStore } from '../../src/process/process-store.ts';
import type { ProcessRecord, Scope } from '../../src/process/record.ts';
import { isTerminal } from '../../src/process/status.ts';
import { openDatabase } from '../../src/store/sqlite/database.ts';
import { createSqliteProcessStore } from '../../src/store/sqlite/process-store.ts';
import { createSqliteRetentionStore } from '../../src/store/sqlite/retention-store.ts';
import { createSqliteSandboxStore } from '../../src/store/sqlite/sandbox-store.ts';
import { createSqliteStatusLog } from '../../src/store/sqlite/status-log.ts';
import { createSqliteWebhookStore } from '../../src/store/sqlite/webhook-store.ts';
import { type LimitsOf, UNLIMITED } from '../../src/tenancy/limits.ts';
import { createHelpers } from '../../src/workspace/helpers.ts';
import { createOpenTerminal } from '../../src/workspace/terminal.ts';
import { createWorkspace } from '../../src/workspace/workspace.ts';
import type { Script } from './fake-container.ts';
import { createFakeEngine, type FakeEngine } from './fake-engine.ts';
import { until } from './until.ts';

export const LIMITS = { memoryBytes: 64 * 1024 * 1024, cpus: 1, pids: 64, tmpBytes: 16 * 1024 * 1024 };
export const SCOPE: Scope = { tenant: 'acme', sandbox: 'default' };
export const KEPT_OUTPUT_BYTES = 1024 * 1024;
const OUTPUT_POLICY: OutputPolicy = { defaultBytes: KEPT_OUTPUT_BYTES, mostBytes: 2 * KEPT_OUTPUT_BYTES, onLimit: 'truncate' };
const FLOOD_BYTES_PER_SECOND = 4 * 1024 * 1024;

export const LANGUAGES = createLanguageRegistry([
  {
    name: 'bash',
    version: '5',
    aliases: ['sh'],
    image: 'bash',
    file: '/tmp/main.sh',
    compile: [],
    run: ['bash', '/tmp/main.sh'],
    show: [],
    env: { PATH: '/bin' },
  },
]);

const KEEP_ALL: RetentionOptions = { mostBytesOf: () => 2 ** 50, keptMs: 10 ** 13, mostPerSandbox: 10 ** 9, mostBytes: 2 ** 50 };

/** What outlives a server: its data folder and the engine. */
export type Place = Awaited<ReturnType<typeof createPlace>>;

/** The fake engine as tests speak of it: by the processes that its containers are for. */
export interface PlaceEngine extends FakeEngine {
  list(): Promise<readonly (ContainerSummary & { readonly processId: string })[]>;
  /** Says which process a container is for, where no server has put it on record. */
  own(containerId: string, processId: string): void;
}

/** Notes in `owners` which container each process is given. */
function watched(store: ProcessStore, owners: Map<string, string>): ProcessStore {
  return {
    ...store,
    async transition(id, change) {
      if (change.to === 'running') owners.set(change.containerId, id);
      return store.transition(id, change);
    },
    async reassign(id, change) {
      owners.set(change.to, id);
      return store.reassign(id, change);
    },
  };
}

function placeEngine(engine: FakeEngine, owners: Map<string, string>): PlaceEngine {
  const ownerOf = (containerId: string) => owners.get(containerId) ?? containerId;
  return {
    ...engine,
    get started() {
      return engine.started.map(ownerOf);
    },
    list: async () => (await engine.list()).map((container) => ({ ...container, processId: ownerOf(container.id) })),
    vanish(processId) {
      for (const [containerId, owner] of [...owners, [processId, processId] as const]) if (owner === processId) engine.vanish(containerId);
    },
    own: (containerId, processId) => void owners.set(containerId, processId),
  };
}

/** The real store and spool with a fake engine, which plays `program`. */
export async function createPlace(program: (spec: ContainerSpec, attempt: number) => Script = () => ({})) {
  const root = await mkdtemp(join(tmpdir(), 'coracle-unit-'));
  const database = openDatabase(':memory:');
  const owners = new Map<string, string>();
  const engine = placeEngine(createFakeEngine({ program }), owners);
  const servers: { stop(): Promise<void> }[] = [];
  return {
    engine,
    store: watched(createSqliteProcessStore(database), owners),
    retention: createSqliteRetentionStore(database),
    statusLog: createSqliteStatusLog(database),
    sandboxes: createSqliteSandboxStore(database),
    webhooks: createSqliteWebhookStore(database),
    outputs: await createSpool(root),
    servers,
    async [Symbol.asyncDispose]() {
      engine.comeBack();
      await Promise.all(servers.map((server) => server.stop()));
      database.close();
      await rm(root, { recursive: true });
    },
  };
}

export interface ServerOptions {
  readonly maxRunning?: number;
  readonly maxQueued?: number;
  /** In place of the place's own, for a store with a fault. */
  readonly store?: ProcessStore;
  readonly outputs?: OutputStore;
  readonly allowEmptyStore?: boolean;
  readonly passChecks?: () => Promise<void>;
  readonly killAnswerMs?: number;
  readonly outputPolicy?: OutputPolicy;
  readonly floodBytesPerSecond?: number;
  readonly engine?: ContainerEngine;
  readonly findFiles?: FindFiles;
  readonly limitsOf?: LimitsOf;
}

async function* findNothing(): AsyncGenerator<never> {}

/** The use-cases of one server, put together as src/compose does. Nothing starts before `scheduler.open()` or `recover()`. */
export function createServer(place: Place, options: ServerOptions = {}) {
  const { maxRunning = 8, maxQueued = 100, allowEmptyStore = false, killAnswerMs = 20_000, outputPolicy = OUTPUT_POLICY, limitsOf = () => UNLIMITED } = options;
  const { engine, retention, sandboxes, ...kept } = { ...place, ...options };
  const events = createEvents();
  const [store, outputs] = [notifyingStore(kept.store, events), notifyingOutputs(kept.outputs, events)];
  const floodBytesPerSecond = options.floodBytesPerSecond ?? FLOOD_BYTES_PER_SECOND;
  const logged: string[] = [];
  const note = (_details: object, message: string) => void logged.push(message);
  const log = { info: note, warn: note, error: note };
  const letGo = new AbortController();
  const closing = letGo.signal;
  const paused = createPausedSandboxes();
  const dependencies = {
    paused,
    findFiles: options.findFiles ?? findNothing,
    store,
    sandboxes,
    engine,
    outputs,
    languages: LANGUAGES,
    floodBytesPerSecond,
    log,
    closing,
  };
  const supervisor = createSupervisor(dependencies);
  const scheduler = createScheduler({ paused, maxRunning, maxQueued, usual: LIMITS, limitsOf, run: supervisor.run });
  const submit = createSubmit({
    store,
    sandboxes,
    outputs,
    scheduler,
    languages: LANGUAGES,
    outputPolicy,
    usual: LIMITS,
    runtimes: { standard: null, offered: ['runsc'] },
    leastFreeBytes: 1,
    engineRoom: () => Number.POSITIVE_INFINITY,
    limitsOf,
  });
  const kill = createKill({ store, scheduler, supervisor, answerWithinMs: killAnswerMs });
  const helpers = createHelpers({ engine, sandboxes, limits: LIMITS, runtime: null, log });
  const waitUntilEnded = createWaitUntilEnded({ store, events });

  /** Ends what still runs, so that nothing writes to the folder any more. */
  async function stop(): Promise<void> {
    scheduler.close();
    letGo.abort();
    await until(async () => {
      for (const { processId } of await place.engine.list()) place.engine.vanish(processId);
      return scheduler.counts().running === 0;
    }, 'the server to be idle');
  }

  const server = {
    /** Ends the server and leaves its containers running, for the next one. */
    letGo(): void {
      scheduler.close();
      letGo.abort();
    },
    scheduler,
    limitsOf,
    supervisor,
    /** As the API does. */
    accept: submit,
    /** Answers the record. */
    async submit(submission: Partial<Submission> = {}, scope = SCOPE): Promise<ProcessRecord> {
      const { accepted } = await submit(scope, { ...SUBMISSION, ...submission });
      return read(place, accepted);
    },
    kill,
    reaper: createSandboxReaper({ sandboxes, store, retention, outputs, engine, kill, paused, log }),
    pauser: createSandboxPauser({ sandboxes, paused, scheduler, supervisor }),
    recover: () =>
      recover({
        store,
        retention,
        sandboxes: place.sandboxes,
        engine,
        scheduler,
        supervisor,
        log,
        allowEmptyStore,
        closing,
        ...(options.passChecks ? { passChecks: options.passChecks } : {}),
      }),
    helpers,
    openTerminal: createOpenTerminal({ helpers, languages: LANGUAGES }),
    workspace: createWorkspace({ helpers, mostBytes: 1024 * 1024 }),
    sweep: createReconciler({ store, retention, sandboxes, engine, outputs, scheduler, supervisor, helpers, log }),
    events,
    waitUntilEnded,
    killMany: createKillMany({ store, kill }),
    control: createControl({ store, events, supervisor, paused }),
    paused,
    execute: createExecute({ submit, kill, waitUntilEnded, paused, log }),
    watchProcess: createWatchProcess({ store, outputs: sharedReads(outputs), events }),
    watchSandbox: createWatchSandbox({ statusLog: place.statusLog, events }),
    remove: createRemove({ store, retention, outputs }),
    /** One round of the upkeep; keeps for ever what `policy` does not limit. */
    retain: (policy: Partial<RetentionOptions>) => createRetention(retention, outputs, { ...KEEP_ALL, ...policy })(),
    log,
    /** What it has logged. */
    logged,
    stop,
  };
  place.servers.push(server);
  return server;
}

/** A server that has nothing to recover and runs what it gets. */
export function startServer(place: Place, options?: ServerOptions) {
  const server = createServer(place, options);
  server.scheduler.open();
  return server;
}

export const SUBMISSION: Submission = {
  code: 'true',
  language: 'bash',
  timeoutSeconds: 60,
  workingDir: '/workspace',
  env: {},
  name: null,
  outputLimit: null,
  onOutputLimit: null,
};

export async function read({ store }: Place, { id }: { id: string }): Promise<ProcessRecord> {
  const loaded = await store.load(id);
  if (!loaded) throw new Error(`there is no record ${id}`);
  return loaded.record;
}

export function untilStatus(place: Place, process: { id: string }, status: ProcessRecord['status']): Promise<ProcessRecord> {
  return until(async () => {
    const record = await read(place, process);
    return record.status === status && record;
  }, `a process that is ${status}`);
}

/** The record once it is terminal and the container has been removed. */
export async function untilOver(place: Place, process: { id: string }): Promise<ProcessRecord> {
  const record = await until(async () => {
    const found = await read(place, process);
    return isTerminal(found.status) && found;
  }, 'a process that has ended');
  await until(async () => (await place.engine.list()).every(({ processId }) => processId !== process.id), 'its container to be removed');
  return record;
}

export async function outputOf({ outputs }: Place, { id }: { id: string }, stream: OutputStream = 'stdout'): Promise<string> {
  const { data } = await outputs.read(id, { stream, offset: 0, limit: KEPT_OUTPUT_BYTES });
  return Buffer.from(data).toString();
}
