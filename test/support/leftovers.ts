import type { ContainerSpec, PreparedContainer, RunningContainer } from '../../src/engine/container-engine.ts';
import type { Job } from '../../src/engine/job.ts';
import { newId } from '../../src/ids.ts';
import type { ProcessRecord } from '../../src/process/record.ts';
import { LIMITS, type Place, type PlaceEngine, SCOPE } from './place.ts';
import { newRecord } from './records.ts';

/** Leaves a record as an earlier server would have. */
export async function leaveQueued(place: Place, overrides: Partial<ProcessRecord> = {}): Promise<ProcessRecord> {
  const record = newRecord({ language: 'bash', ...overrides });
  await place.store.insert(record, { code: 'true', env: {} });
  return record;
}

const JOB: Job = { workingDir: '/workspace', compile: [], run: ['bash'], env: {}, files: [] };

/** Where something is left: a place, or its engine as another server sees it. */
interface Left {
  readonly engine: Pick<PlaceEngine, 'prepare' | 'own' | 'abandon'>;
}

export function specOf(sandboxId = 'sandbox'): ContainerSpec {
  return { scope: SCOPE, image: 'bash', sandboxId, uid: 20_000, limits: LIMITS };
}

/** Starts a container for a process, gives it its job, and tells nobody. */
export async function leaveContainer({ engine }: Left, processId: string, sandboxId?: string): Promise<RunningContainer> {
  const container = await leaveWaiting({ engine }, processId, sandboxId);
  const running = await container.begin(JOB);
  if (!running) throw new Error('the container has not taken its job');
  return running;
}

/** Starts a container for a process, as a server that dies before it can give it its job. */
export async function leaveWaiting({ engine }: Left, processId: string, sandboxId?: string): Promise<PreparedContainer> {
  const container = await engine.prepare(specOf(sandboxId), new AbortController().signal);
  engine.own(container.id, processId);
  engine.abandon(container.id);
  return container;
}

export interface LeftRunning extends Partial<ProcessRecord> {
  /** What the earlier server had put into the spool. */
  readonly kept?: string;
}

export async function leaveRunning(place: Place, { kept = '', ...overrides }: LeftRunning = {}): Promise<ProcessRecord> {
  const id = newId('proc');
  const sandbox = await place.sandboxes.ensure(SCOPE);
  const container = await leaveContainer(place, id, sandbox.id);
  await leaveSpool(place, id, kept);
  return leaveQueued(place, { id, status: 'running', startedAt: Date.now(), containerId: container.id, ...overrides });
}

/** Leaves output in the spool, whether or not there is a record of its process. */
export async function leaveSpool({ outputs }: Place, id: string, text: string): Promise<void> {
  const writer = await outputs.open(id, { keptBytes: 1024 });
  await writer.append([{ stream: 'stdout', data: Buffer.from(text) }]);
  await writer.close();
}
