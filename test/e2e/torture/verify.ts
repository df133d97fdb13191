import { readdir } from 'node:fs/promises';
import type { OutputStream } from '../../../src/output/output-store.ts';
import { until } from '../../support/until.ts';
import { type Accepted, pieceOf } from './accepted.ts';
import type { Client } from './client.ts';
import { type Evidence, type Harm, judge, type KeptStream } from './judge.ts';
import { overlap, type Spell } from './spells.ts';

export interface Faults {
  readonly engine: readonly Spell[];
  /** Those of the engine that were no orderly stop. */
  readonly crash: readonly Spell[];
  readonly server: readonly Spell[];
}

export interface Verdict {
  /** How the process ended, as `completed`, `failed/lost`, … */
  readonly ending: string;
  readonly problems: readonly string[];
}

/** What the record of a process says, as the server sends it. */
interface WireRecord {
  readonly status: string;
  readonly exit_code: number | null;
  readonly failure: { readonly kind: string } | null;
  readonly output_complete: boolean;
  readonly created_at: string;
  readonly started_at: string | null;
  readonly completed_at: string | null;
}

/** What the server needs to notice a fault, and clocks to agree. */
const SLACK_MS = 3_000;

export async function examine(client: Client, accepted: Accepted, { faults, ran }: { faults: Faults; ran: readonly string[] }): Promise<Verdict> {
  const { id, program, killing, misread } = accepted;
  const { status: answered, body } = await client.call({ method: 'GET', path: `/execute/processes/${id}` });
  if (answered !== 200) return { ending: 'no record', problems: [`its record is answered with ${answered}`] };
  const record = body as unknown as WireRecord;
  const kept = { stdout: await readKept(client, id, 'stdout'), stderr: await readKept(client, id, 'stderr') };
  const evidence: Evidence = {
    program,
    killing,
    status: record.status,
    exitCode: record.exit_code,
    failure: record.failure?.kind ?? null,
    isOutputComplete: record.output_complete,
    kept,
    timesRun: ran.filter((tag) => tag === program.tag).length,
    harm: harmDone(record, accepted, faults),
  };
  return {
    ending: [record.status, record.failure?.kind].filter(Boolean).join('/'),
    problems: [...misread, ...judge(evidence)].map((problem) => `${problem} ${describe(record, evidence.harm)}`),
  };
}

function describe({ created_at, started_at, completed_at, output_complete }: WireRecord, harm: Harm): string {
  const harms = Object.entries(harm).filter(([, isTrue]) => isTrue);
  return `(accepted ${created_at}, started ${started_at}, ended ${completed_at}, complete ${output_complete}, harm ${harms.map(([what]) => what).join(' ') || 'none'})`;
}

function harmDone({ created_at, started_at, completed_at, failure }: WireRecord, { removedAt }: Accepted, { engine, crash, server }: Faults): Harm {
  // Of one that is lost nobody may know when its start began.
  const began = failure?.kind === 'lost' ? created_at : (started_at ?? created_at);
  const life: Spell = { from: Date.parse(began), to: Date.parse(completed_at ?? '') };
  const during = (spells: readonly Spell[]) => spells.filter((spell) => overlap(spell, life, SLACK_MS));
  const isUnseen = (spells: readonly Spell[]) => spells.some((spell) => server.some((away) => overlap(away, spell, SLACK_MS)));
  return {
    isEngine: during(engine).length > 0 || removedAt !== undefined,
    isUnseen: isUnseen(during(engine)),
    isUnseenCrash: isUnseen(during(crash)),
  };
}

/** All that is kept, piece by piece, as any client reads it. */
async function readKept(client: Client, id: string, stream: OutputStream): Promise<KeptStream> {
  const pieces: { offset: number; data: Buffer }[] = [];
  for (let next = 0; ; ) {
    const { body } = await client.call({ method: 'GET', path: pieceOf(id, stream, next) });
    const data = Buffer.from(String(body['data']), 'base64');
    if (data.length > 0) pieces.push({ offset: Number(body['offset']), data });
    next = Number(body['next_offset']);
    if (body['eof'] === true || data.length === 0) return { pieces, totalBytes: Number(body['total_bytes']), droppedBytes: Number(body['dropped_bytes']) };
  }
}

/** The ids of all records of a tenant. */
export async function listRecords(client: Client): Promise<string[]> {
  const ids: string[] = [];
  for (let cursor = ''; ; ) {
    const { body } = await client.call({ method: 'GET', path: `/execute/processes?limit=50${cursor}` });
    ids.push(...(body['processes'] as { process_id: string }[]).map(({ process_id }) => process_id));
    if (!body['next_cursor']) return ids;
    cursor = `&cursor=${body['next_cursor']}`;
  }
}

/** Exactly one record for each accepted process, and none besides. */
export function compareRecords(tenant: string, recorded: readonly string[], accepted: readonly string[]): string[] {
  const doubled = recorded.filter((id, index) => recorded.indexOf(id) !== index);
  const missing = accepted.filter((id) => !recorded.includes(id));
  const unknown = recorded.filter((id) => !accepted.includes(id));
  const say = (ids: readonly string[], what: string) => (ids.length > 0 ? [`${tenant}: ${what}: ${ids.join(' ')}`] : []);
  return [...say(doubled, 'listed twice'), ...say(missing, 'accepted and without a record'), ...say(unknown, 'recorded and never accepted')];
}

/** An orphan has its grace of a minute, and then goes with the second sweep. */
const GONE_MS = 100_000;

/** Waits for the last clean-up to be through; answers what it has left all the same. */
export async function findLeftovers(find: () => Promise<readonly string[]>): Promise<readonly string[]> {
  let left: readonly string[] = [];
  const isClean = async () => {
    left = await find();
    return left.length === 0;
  };
  await until(isClean, 'the last clean-up', GONE_MS).catch(() => undefined);
  return left;
}

export async function spoolsWithoutRecord(folder: string, ids: readonly string[]): Promise<string[]> {
  return (await readdir(folder)).filter((name) => !ids.includes(name)).map((name) => `spool ${name}`);
}
