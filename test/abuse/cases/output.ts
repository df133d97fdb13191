import assert from 'node:assert/strict';
import { type Afterwards, type Attack, attack, TIMED_OUT } from '../attack.ts';
import type { AbuseCase } from '../case.ts';

type Row = Omit<Attack, 'group'>;

const MIB = 1024 * 1024;
const DONE = { status: 'completed', exitCode: 0 } as const;

/** Exactly what was written, on both streams. */
function exact(stdout: Uint8Array, stderr: Uint8Array = new Uint8Array()) {
  return async ({ api, id, process }: Afterwards) => {
    assert.ok(Buffer.from(stdout).equals(await api.output(id, 'stdout')), 'stdout is not what was written');
    assert.ok(Buffer.from(stderr).equals(await api.output(id, 'stderr')), 'stderr is not what was written');
    assert.ok(process.output_complete, 'it is not said to be complete');
  };
}

/** Only so much of it was kept, and only so much of the server's memory used. */
async function bounded({ api, id, process }: Afterwards): Promise<void> {
  const kept = (await api.output(id, 'stdout')).length + (await api.output(id, 'stderr')).length;
  assert.ok(kept <= 1.25 * MIB, `${kept} bytes are kept`);
  assert.ok(process.stdout_truncated || process.stderr_truncated, 'it is not said to be truncated');
}

/** Valid text, whatever the bytes were. */
function wellFormed({ process }: Afterwards): void {
  for (const text of [process.stdout, process.stderr]) assert.ok(text.isWellFormed(), 'the text has half a surrogate pair');
}

const euro = Buffer.from('€');
const euros = (times: number) => Buffer.concat(Array<Buffer>(times).fill(euro));

const ROWS: readonly Row[] = [
  { name: '10 GB on stdout', isInCi: true, program: 'flood.sh', env: { STREAM: 'stdout' }, timeout: 4, answers: TIMED_OUT, afterwards: bounded },
  { name: '10 GB on stderr', program: 'flood.sh', env: { STREAM: 'stderr' }, timeout: 4, answers: TIMED_OUT, afterwards: bounded },
  {
    name: 'both streams in turn, without end',
    program: 'flood.sh',
    env: { STREAM: 'both' },
    timeout: 4,
    answers: TIMED_OUT,
    afterwards: wellFormed,
  },
  {
    name: '10 GB, where too much ends a process',
    program: 'flood.sh',
    env: { STREAM: 'stdout' },
    body: { output_limit: 'kill' },
    answers: { status: 'failed', failure: 'output_limit' },
  },
  { name: '40 MB without a newline', program: 'one-long-line.py', timeout: 60, answers: { status: 'completed' }, afterwards: bounded },
  { name: '100,000 one-byte lines', program: 'one-byte-lines.py', answers: DONE, afterwards: exact(Buffer.alloc(100_000, '\n')) },
  { name: 'characters byte by byte on both streams', isInCi: true, program: 'split-euro.py', answers: DONE, afterwards: exact(euros(500), euros(500)) },
  { name: 'one line of 20,000 characters', program: 'euros.py', answers: { ...DONE, stdout: '€'.repeat(20_000) }, afterwards: exact(euros(20_000)) },
  {
    name: 'all 256 bytes',
    program: 'all-bytes.py',
    answers: DONE,
    afterwards: exact(
      Uint8Array.from({ length: 256 }, (_, i) => i),
      Uint8Array.from({ length: 256 }, (_, i) => 255 - i),
    ),
  },
  { name: 'NUL', program: 'nul-bytes.py', answers: { ...DONE, stdout: '\0'.repeat(100_000) }, afterwards: exact(Buffer.alloc(100_000)) },
  { name: 'lone surrogates and overlong forms', isInCi: true, program: 'surrogates.py', answers: DONE, afterwards: wellFormed },
  {
    name: 'escape sequences, and what would end a JSON text',
    program: 'escapes.py',
    answers: { ...DONE, stdout: '\x1b[2J\x1b]0;title\x07\x1b[5n</script>"}\n\ndata: forged\n\n\r\n\x7f\u2028\u202e' },
  },
  {
    name: 'limits that cut inside a character',
    program: 'cut-character.py',
    answers: DONE,
    afterwards: (after) => bounded(after).then(() => wellFormed(after)),
  },
  { name: 'writing after closing both streams', program: 'close-streams.py', timeout: 2, answers: { ...TIMED_OUT, stdout: 'last' } },
];

/** A hundred kilobytes and an exit right after them, often: not a byte is late. */
const LAST_WORDS: AbuseCase = {
  group: 'output',
  name: 'output right before the exit, 50 times',
  async play(stage) {
    const { api } = await stage.stranger();
    const code = "head -c 100000 /dev/zero | tr '\\0' a; printf END; exit 3";
    for (let batch = 0; batch < 5; batch += 1) {
      const ended = await Promise.all(Array.from({ length: 10 }, () => api.run({ language: 'bash', code })));
      for (const { stdout, exit_code, output_complete } of ended) {
        assert.deepEqual(
          { bytes: stdout.length, end: stdout.slice(-3), exit_code, output_complete },
          { bytes: 100_003, end: 'END', exit_code: 3, output_complete: true },
        );
      }
    }
    return { said: '50 times whole' };
  },
};

/** A client that asks for output and reads none of it holds nobody up. */
const STALLED_READER: AbuseCase = {
  group: 'output',
  name: 'a client that stops reading',
  async play(stage) {
    const { api } = await stage.stranger();
    const { process_id: id } = await api.run({ language: 'python', code: 'print("x" * 900_000)' });
    const request = { headers: { Authorization: `Bearer ${api.token}` } };
    const leave = new AbortController();
    const stalled = Array.from({ length: 50 }, () =>
      fetch(`${stage.server.url}/execute/processes/${id}/output?encoding=raw&limit=1000000`, { ...request, signal: leave.signal }),
    );
    await Promise.all(stalled);
    const hello = await stage.quiet.run({ language: 'bash', code: 'echo hello' });
    leave.abort();
    assert.equal(hello.stdout, 'hello\n');
    return { said: '50 of them, and hello beside them' };
  },
};

export const OUTPUT: readonly AbuseCase[] = [...ROWS.map((row) => attack({ group: 'output', ...row })), LAST_WORDS, STALLED_READER];
