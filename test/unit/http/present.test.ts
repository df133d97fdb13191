import { describe, expect, it } from 'vitest';
import { presentProcess } from '../../../src/http/present.ts';
import { processSchema } from '../../../src/http/schemas/processes.ts';
import type { OutputSlice } from '../../../src/output/output-store.ts';
import type { ProcessRecord } from '../../../src/process/record.ts';
import { STATUSES } from '../../../src/process/status.ts';
import { newRecord } from '../../support/records.ts';

const ACCEPTED = Date.UTC(2025, 0, 2, 3, 4, 5);
const NOTHING = slice('');

function slice(text: string | Buffer, differences: Partial<OutputSlice> = {}): OutputSlice {
  const data = Buffer.from(text);
  return { data, offset: 0, nextOffset: data.length, totalBytes: data.length, droppedBytes: 0, ...differences };
}

const present = (differences: Partial<ProcessRecord>, stdout: OutputSlice = NOTHING, stderr: OutputSlice = NOTHING) =>
  presentProcess({ record: newRecord({ acceptedAt: ACCEPTED, ...differences }), stdout, stderr });

const ENDED = { status: 'completed', exitCode: 0, startedAt: ACCEPTED + 250, endedAt: ACCEPTED + 1_750, containerId: 'secret-of-the-engine' } as const;

describe('a process on the wire', () => {
  it('has every name that some client reads', () => {
    const process = presentProcess({
      record: newRecord({
        ...ENDED,
        id: 'proc_1',
        executionId: 'exec_1',
        requestId: 'req_1',
        acceptedAt: ACCEPTED,
        name: 'n',
        language: 'go',
        workingDir: '/tmp',
        timeoutSeconds: 7,
        startingAt: ACCEPTED + 50,
        usage: { peakMemoryBytes: 9, cpuMs: 8 },
      }),
      stdout: slice('out'),
      stderr: slice('err €'),
    });
    expect(process).toEqual({
      process_id: 'proc_1',
      execution_id: 'exec_1',
      request_id: 'req_1',
      name: 'n',
      status: 'completed',
      language: 'go',
      working_dir: '/tmp',
      timeout: 7,
      runtime: null,
      pid: null,
      created_at: '2025-01-02T03:04:05.000Z',
      started_at: '2025-01-02T03:04:05.250Z',
      start_time: '2025-01-02T03:04:05.250Z',
      completed_at: '2025-01-02T03:04:06.750Z',
      end_time: '2025-01-02T03:04:06.750Z',
      execution_time: 1.5,
      duration: 1.5,
      exit_code: 0,
      limits: { memory_mb: 512, cpus: 1, pids: 128, disk_mb: 64, output_bytes: 1_048_576 },
      usage: { peak_memory_bytes: 9, cpu_ms: 8 },
      timings: { queued_ms: 50, start_ms: 200, run_ms: 1_500 },
      timed_out: false,
      failure: null,
      artifacts: [],
      stdout: 'out',
      stderr: 'err €',
      stdout_bytes: 3,
      stderr_bytes: 7,
      stdout_truncated: false,
      stderr_truncated: false,
      output_complete: true,
    });
  });

  it.each(STATUSES)('keeps to the schema when it is %s, and says nothing more', (status) => {
    const process = present({ status });
    expect(processSchema.strict().parse(process)).toEqual(process);
  });

  it('says nothing of the tenant, the sandbox or the engine', () => {
    const text = JSON.stringify(present({ ...ENDED, scope: { tenant: 'acme-corp', sandbox: 'sandbox-7' } }));
    for (const hidden of ['acme-corp', 'sandbox-7', 'secret-of-the-engine']) expect(text).not.toContain(hidden);
  });

  it('is without times and exit code while it is queued', () => {
    const nothing = { started_at: null, start_time: null, completed_at: null, end_time: null, execution_time: null, duration: null, exit_code: null };
    expect(present({ status: 'queued' })).toMatchObject(nothing);
  });

  it('tells how long it has been running', () => {
    const startedAt = Date.now() - 5_000;
    const process = present({ status: 'running', startedAt });
    expect(process).toMatchObject({ started_at: new Date(startedAt).toISOString(), completed_at: null, end_time: null, exit_code: null });
    expect(process.duration).toBe(process.execution_time);
    expect(process.duration).toBeGreaterThanOrEqual(5);
    expect(process.duration).toBeLessThanOrEqual((Date.now() - startedAt) / 1_000);
  });

  it('has an end without a start when it was ended before it started', () => {
    expect(present({ status: 'killed', endedAt: ACCEPTED })).toMatchObject({
      completed_at: '2025-01-02T03:04:05.000Z',
      started_at: null,
      execution_time: null,
    });
  });

  it.each([
    ['timeout', true],
    ['exit', false],
    ['oom', false],
    ['lost', false],
  ] as const)('says for a failure of kind %s that it timed out: %s', (kind, timedOut) => {
    const failure = { kind, message: 'It failed.' };
    expect(present({ ...ENDED, status: 'failed', failure })).toMatchObject({ timed_out: timedOut, failure, status: 'failed' });
  });

  it('tells which stream has lost bytes, and how many there were', () => {
    const process = present(ENDED, slice('tail', { offset: 96, nextOffset: 100, totalBytes: 100, droppedBytes: 50 }), slice('all'));
    expect(process).toMatchObject({ stdout: 'tail', stdout_bytes: 100, stdout_truncated: true, stderr_bytes: 3, stderr_truncated: false });
    expect(present({ ...ENDED, outputComplete: false }).output_complete).toBe(false);
  });
});

describe('characters at the edges of a tail', () => {
  const EURO = Buffer.from('€');
  const tail = (data: Buffer) => slice(data, { offset: 1_000, nextOffset: 1_000 + data.length, totalBytes: 1_000 + data.length });

  it.each([1, 2, 3])('begins with a whole character when %d bytes of a € are left of it', (bytes) => {
    expect(present(ENDED, tail(Buffer.concat([EURO.subarray(3 - bytes), Buffer.from('x')]))).stdout).toBe(bytes === 3 ? '€x' : 'x');
  });

  it.each([1, 2])('leaves out a € that has come with %d bytes so far while the process runs', (bytes) => {
    const stdout = slice(Buffer.concat([Buffer.from('x'), EURO.subarray(0, bytes)]));
    expect(present({ status: 'running', startedAt: ACCEPTED }, stdout).stdout).toBe('x');
    expect(present(ENDED, stdout).stdout).toBe('x\uFFFD');
  });

  it('leaves out a € that the end of the stretch cuts, also of a process that has ended', () => {
    expect(present(ENDED, slice(Buffer.from('x€').subarray(0, 2), { totalBytes: 4 })).stdout).toBe('x');
  });
});
