import type { OutputStream } from '../../../src/output/output-store.ts';
import type { Random } from '../../support/random.ts';

/** Kept of a process; only the flood prints more. */
export const KEPT_BYTES = 1024 * 1024;

/** How a program ends where nothing interferes. One that waits ends by a kill or its time-out only. */
export interface Ending {
  readonly status: 'completed' | 'failed' | 'killed';
  readonly failure: 'exit' | 'signal' | 'timeout' | null;
  readonly exitCodes: readonly number[];
}

/** When the test kills it: as soon as it is accepted, perhaps before it starts, or once it has printed all that it prints before it waits. */
export type Killing = 'never' | 'early' | 'once up';

export interface Program {
  readonly kind: Kind;
  /** The line that it appends to /workspace/ran before anything else; no two programs have the same. */
  readonly tag: string;
  readonly code: string;
  readonly timeoutSeconds: number;
  readonly killing: Killing;
  readonly ending: Ending;
  /** All that it prints, made anew at each call. */
  readonly prints: (stream: OutputStream) => Buffer;
  /** What it adds on standard output when it is asked to end. */
  readonly lastWord: string;
}

type Behaviour = Pick<Program, 'code' | 'prints'> & Partial<Pick<Program, 'ending' | 'timeoutSeconds' | 'killing' | 'lastWord'>>;

const COMPLETED: Ending = { status: 'completed', failure: null, exitCodes: [0] };
const TERMINATED = 143;
const KILLED = 137;
/** Far above what any program here takes. */
const TIMEOUT_SECONDS = 600;

/** Each kind makes a program; what a program prints begins its lines with the tag, so that output of another process would show. */
const KINDS = {
  short: (tag: string, random: Random) => lines(tag, { count: random.integer(1, 20) }),
  silent: (_tag: string, random: Random) => ({ code: `sleep ${random.integer(0, 20) / 10}`, prints: nothing }),
  long: (tag: string, random: Random) => lines(tag, { count: random.integer(30, 80), each: 'sleep 0.2' }),
  chatty: (tag: string, random: Random) => lines(tag, { count: random.integer(2_000, 8_000), each: '(( i % 500 )) || sleep 0.1' }),
  binary: (_tag: string, random: Random) => binary(random.integer(10, 300)),
  failing: (tag: string, random: Random) => failing(tag, random.integer(1, 100)),
  crashing: (tag: string, random: Random) => crashing(tag, random.integer(1, 20)),
  killed: (tag: string, random: Random) => killed(tag, random.integer(1, 500)),
  'killed early': (tag: string, random: Random) => ({ ...lines(tag, { count: random.integer(10, 60), each: 'sleep 0.1' }), killing: 'early' as const }),
  polite: (tag: string, random: Random) => polite(tag, random.integer(1, 50)),
  stubborn: (tag: string, random: Random) => stubborn(tag, random.integer(1, 50)),
  flood: (tag: string, random: Random) => lines(tag, { count: random.integer(20_000, 30_000), padding: '.'.repeat(40) }),
} satisfies Record<string, (tag: string, random: Random) => Behaviour>;

export type Kind = keyof typeof KINDS;

/** How often each is taken, against the others. */
const WEIGHTS: Readonly<Record<Kind, number>> = {
  short: 6,
  silent: 2,
  long: 6,
  chatty: 5,
  binary: 3,
  failing: 3,
  crashing: 2,
  killed: 3,
  'killed early': 3,
  polite: 2,
  stubborn: 2,
  flood: 1,
};

const BAG = (Object.keys(WEIGHTS) as Kind[]).flatMap((kind) => Array.from({ length: WEIGHTS[kind] }, () => kind));

export function newProgram(tag: string, random: Random): Program {
  const kind = BAG[random.integer(0, BAG.length - 1)] ?? 'short';
  const behaviour: Behaviour = KINDS[kind](tag, random);
  const ran = `echo ${tag} >> /workspace/ran || exit 99\n`;
  return { kind, tag, timeoutSeconds: TIMEOUT_SECONDS, killing: 'never', ending: COMPLETED, lastWord: '', ...behaviour, code: ran + behaviour.code };
}

function nothing(): Buffer {
  return Buffer.alloc(0);
}

interface Lines {
  readonly count: number;
  /** Run after each line. */
  readonly each?: string;
  readonly padding?: string;
}

/** Numbered lines on both streams; the padding on standard output only. */
function lines(tag: string, { count, each = ':', padding = '' }: Lines): Behaviour {
  const numbers = Array.from({ length: count }, (_, number) => number);
  const all = { stdout: () => numbers.map((number) => `${tag} o ${number} ${padding}\n`), stderr: () => numbers.map((number) => `${tag} e ${number}\n`) };
  return {
    code: `for (( i = 0; i < ${count}; i++ )); do echo "${tag} o $i ${padding}"; echo "${tag} e $i" >&2; ${each}; done`,
    prints: (stream) => Buffer.from(all[stream]().join('')),
  };
}

/** Every byte there is, again and again with a number before, in one order on standard output and in the other on standard error. */
function binary(count: number): Behaviour {
  const bytes = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
  const order = { stdout: bytes, stderr: Buffer.from(bytes).reverse() };
  const escaped = (stream: OutputStream) => Array.from(order[stream], (byte) => `\\${byte.toString(8).padStart(3, '0')}`).join('');
  const print = (stream: OutputStream) => `printf '%d:' $i; printf '${escaped(stream)}'`;
  return {
    code: `for (( i = 0; i < ${count}; i++ )); do ${print('stdout')}; { ${print('stderr')}; } >&2; (( i % 50 )) || sleep 0.1; done`,
    prints: (stream) => Buffer.concat(Array.from({ length: count }, (_, number) => [Buffer.from(`${number}:`), order[stream]]).flat()),
  };
}

function failing(tag: string, exitCode: number): Behaviour {
  const { code, prints } = lines(tag, { count: exitCode });
  return { code: `${code}; exit ${exitCode}`, prints, ending: { status: 'failed', failure: 'exit', exitCodes: [exitCode] } };
}

function crashing(tag: string, count: number): Behaviour {
  const { code, prints } = lines(tag, { count });
  return { code: `${code}; kill -KILL $$`, prints, ending: { status: 'failed', failure: 'signal', exitCodes: [KILLED] } };
}

function killed(tag: string, count: number): Behaviour {
  const { code, prints } = lines(tag, { count });
  return { code: `${code}; sleep 3600`, prints, killing: 'once up', ending: { status: 'killed', failure: null, exitCodes: [TERMINATED] } };
}

/** Takes its leave when it is asked to, which a slow machine may not give it the time for. */
function polite(tag: string, count: number): Behaviour {
  const { code, prints } = lines(tag, { count });
  const lastWord = `${tag} bye\n`;
  return {
    code: `trap 'echo "${tag} bye"; exit 0' TERM; ${code}; while :; do sleep 3600 & wait $!; done`,
    prints,
    lastWord,
    killing: 'once up',
    ending: { status: 'killed', failure: null, exitCodes: [0, KILLED] },
  };
}

/** Has to be ended by its time-out, and by force. */
function stubborn(tag: string, count: number): Behaviour {
  const { code, prints } = lines(tag, { count });
  return { code: `trap '' TERM; ${code}; sleep 3600`, prints, timeoutSeconds: 5, ending: { status: 'failed', failure: 'timeout', exitCodes: [KILLED] } };
}
