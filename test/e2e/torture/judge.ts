import { OUTPUT_STREAMS, type OutputStream } from '../../../src/output/output-store.ts';
import { type Ending, KEPT_BYTES, type Program } from './load.ts';

/** What is kept of a stream. */
export interface KeptStream {
  /** One, or two with a dropped stretch between. */
  readonly pieces: readonly { readonly offset: number; readonly data: Buffer }[];
  readonly totalBytes: number;
  readonly droppedBytes: number;
}

/** What the faults may have done to a process. */
export interface Harm {
  /** The engine was restarted while it ran, or its container removed. */
  readonly isEngine: boolean;
  /** The server, which alone could tell whose doing that was, was away when the engine was restarted. */
  readonly isUnseen: boolean;
  /** The engine crashed then: what a program prints with nobody there to take it is gone, and it may have ended by itself meanwhile. */
  readonly isUnseenCrash: boolean;
}

export interface Evidence {
  readonly program: Program;
  readonly killing: 'not asked' | 'killed' | 'ended first';
  readonly status: string;
  readonly exitCode: number | null;
  readonly failure: string | null;
  readonly isOutputComplete: boolean;
  readonly kept: Readonly<Record<OutputStream, KeptStream>>;
  /** How often its tag stands in the workspace. */
  readonly timesRun: number;
  readonly harm: Harm;
}

/** Everything about a process that is not as it must be, in words; empty when all is right. */
export function judge(evidence: Evidence): string[] {
  return [
    ...judgeEnding(evidence),
    ...judgeStream(evidence, 'stdout'),
    ...judgeStream(evidence, 'stderr'),
    ...judgeWholeness(evidence),
    ...judgeRuns(evidence),
  ];
}

function judgeEnding({ status, failure, exitCode, ...evidence }: Evidence): string[] {
  const allowed = allowedEndings(evidence);
  if (allowed.some((ending) => ending.status === status && ending.failure === failure && includes(ending.exitCodes, exitCode))) return [];
  return [`is ${status}/${failure}/${exitCode}, which is none of ${JSON.stringify(allowed)}`];
}

type AllowedEnding = Omit<Ending, 'failure' | 'exitCodes'> & { readonly failure: string | null; readonly exitCodes: readonly (number | null)[] };

const LOST: AllowedEnding = { status: 'failed', failure: 'lost', exitCodes: [null] };
/** As an engine leaves what it stops. */
const STOPPED: AllowedEnding = { status: 'failed', failure: 'signal', exitCodes: [137, 143] };

function allowedEndings({ program, killing, harm }: Pick<Evidence, 'program' | 'killing' | 'harm'>): AllowedEnding[] {
  const natural = program.killing === 'once up' ? [] : [withLostCode(program.ending, harm)];
  const killed: AllowedEnding = { status: 'killed', failure: null, exitCodes: killCodes(program, harm) };
  if (killing === 'killed') return [killed];
  const polite: AllowedEnding[] = program.lastWord ? [{ status: 'completed', failure: null, exitCodes: [0] }] : [];
  return [...natural, ...(harm.isEngine ? [LOST] : []), ...(harm.isUnseen ? [STOPPED, ...polite] : [])];
}

/** One that was killed before it started, or that the engine lost while it was being killed, has no exit code. */
function killCodes({ killing, ending }: Program, { isEngine }: Harm): readonly (number | null)[] {
  if (killing === 'early') return [143, 137, null];
  return isEngine ? [...ending.exitCodes, 143, 137, null] : ending.exitCodes;
}

function withLostCode(ending: Ending, { isEngine }: Harm): AllowedEnding {
  if (!isEngine || ending.failure !== 'timeout') return ending;
  return { ...ending, exitCodes: [...ending.exitCodes, 143, null] };
}

function includes(codes: readonly (number | null)[], code: number | null): boolean {
  return codes.includes(code);
}

/** Whatever befell a process: what is kept is what it printed, in order, from the first byte on, and a gap is one that is told. */
function judgeStream({ program, kept }: Evidence, stream: OutputStream): string[] {
  const printed = printedOn(program, stream);
  const { pieces, totalBytes, droppedBytes } = kept[stream];
  const wrong = pieces.filter(({ offset, data }) => !data.equals(printed.subarray(offset, offset + data.length)));
  const keptBytes = pieces.reduce((sum, { data }) => sum + data.length, 0);
  return [
    ...wrong.map(({ offset, data }) => `${stream} at ${offset}: ${difference(data, printed.subarray(offset))}`),
    ...(keptBytes + droppedBytes === totalBytes ? [] : [`${stream}: ${keptBytes} bytes kept and ${droppedBytes} dropped are not the ${totalBytes} in all`]),
    ...(droppedBytes > 0 && bytesPrinted(program) <= KEPT_BYTES ? [`${stream}: ${droppedBytes} bytes dropped under the limit`] : []),
  ];
}

function difference(data: Buffer, printed: Buffer): string {
  const at = data.findIndex((byte, index) => byte !== printed[index]);
  const around = (bytes: Buffer) => JSON.stringify(bytes.subarray(Math.max(0, at - 20), at + 40).toString('latin1'));
  return `differs after ${at} bytes: ${around(data)} instead of ${around(printed)}`;
}

/** A program that ended by itself has printed everything, and one that waits had done so before it was ended. Only one cut short by a fault, or early, has not. */
function judgeWholeness(evidence: Evidence): string[] {
  const { program, failure, isOutputComplete, kept, harm } = evidence;
  const missing = OUTPUT_STREAMS.filter((stream) => kept[stream].totalBytes < program.prints(stream).length);
  const what = missing.map((stream) => `${program.prints(stream).length - kept[stream].totalBytes} bytes of ${stream}`).join(' and ') || 'nothing';
  if (!isOutputComplete) return harm.isEngine ? [] : [`says that its output is not complete, and no fault can be why (${what} is missing)`];
  if (failure === 'lost') return ['is lost, and says that its output is complete'];
  if (missing.length > 0 && !isCutShort(evidence)) return [`says that its output is complete, and lacks ${what}`];
  const isLastWordSaid = kept.stdout.totalBytes === printedOn(program, 'stdout').length;
  return program.lastWord && evidence.exitCode === 0 && !isLastWordSaid ? ['has not said its last word, and says that its output is complete'] : [];
}

function isCutShort({ program, status, failure, harm }: Evidence): boolean {
  if (status === 'killed') return program.killing === 'early' || harm.isEngine;
  return harm.isUnseenCrash || (failure === 'signal' && harm.isUnseen);
}

function judgeRuns({ timesRun, status, exitCode, kept, harm }: Evidence): string[] {
  const hasRun = exitCode !== null || kept.stdout.totalBytes + kept.stderr.totalBytes > 0;
  if (timesRun > 1) return [`ran ${timesRun} times`];
  if (timesRun === 0 && (status === 'completed' || kept.stdout.totalBytes > 0)) return [`is ${status} and has not run`];
  return timesRun === 1 && !hasRun && status === 'killed' && !harm.isEngine ? ['ran, and says that it was killed before that'] : [];
}

function printedOn(program: Program, stream: OutputStream): Buffer {
  return Buffer.concat([program.prints(stream), Buffer.from(stream === 'stdout' ? program.lastWord : '')]);
}

function bytesPrinted(program: Program): number {
  return printedOn(program, 'stdout').length + printedOn(program, 'stderr').length;
}
