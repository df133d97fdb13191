import type { ContainerSpec } from '../../src/engine/container-engine.ts';
import { newId } from '../../src/ids.ts';
import type { ProcessRecord } from '../../src/process/record.ts';
import { LIMITS, type Place, SCOPE } from './place.ts';
import { newRecord } from './records.ts';

/** Leaves a record as an earlier server would have. */
export async function leaveQueued(place: Place, overrides: Partial<ProcessRecord> = {}): Promise<ProcessRecord> {
  const record = newRecord({ language: 'bash', ...overrides });
  await place.store.insert(record, { code: 'true', env: {} });
  return record;
}

/** Starts a container for a process, and tells nobody. */
export async function leaveContainer({ engine }: Place, processId: string, sandboxId = 'sandbox') {
  const job = { workingDir: '/workspace', file: '/tmp/main.sh', compile: [], run: ['bash', '/tmp/main.sh'], env: {}, code: 'true' };
  const spec: ContainerSpec = { processId, scope: SCOPE, image: 'bash', sandboxId, uid: 20_000, limits: LIMITS, job };
  return engine.start(spec, new AbortController().signal);
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
  return leaveQueued(place, { id, status: 'running', startedAt: container.startedAt, containerId: container.id, ...overrides });
}

/** Leaves output in the spool, whether or not there is a record of its process. */
export async function leaveSpool({ outputs }: Place, id: string, text: string): Promise<void> {
  const writer = await outputs.open(id, { keptBytes: 1024 });
  await writer.append([{ stream: 'stdout', data: Buffer.from(text) }]);
  await writer.close();
}
