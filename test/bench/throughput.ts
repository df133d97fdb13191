import { type Caller, textOf } from './caller.ts';
import { createFloor } from './floor.ts';
import { median, pairedRatio, type Row, type Section, samplesOf, times } from './report.ts';
import { mostMemory, openBenchServer } from './servers.ts';

const MIB = 1024 * 1024;
const GIB = 1024 * MIB;

/** One process that writes 1 GiB which is all kept, against a reader that is attached to the same program and keeps nothing. */
export const throughput: Section = {
  name: 'throughput',
  async run(options) {
    await using server = await openBenchServer('off', { CORACLE_MAX_OUTPUT_MB: '2048', CORACLE_MEMORY_MB: '512' });
    await using floor = await createFloor();
    const bytes = Math.max(64 * MIB, Math.round(GIB * options.share));
    const code = `head -c ${bytes} /dev/zero`;
    const [ours, attached]: [number[], number[]] = [[], []];
    let most = 0;
    for (let round = 0; round < samplesOf(options, 3); round += 1) {
      const began = performance.now();
      const program = { language: 'bash', code, timeout: 600, limits: { output_bytes: 2 * GIB } };
      const id = await post(server.caller, program);
      const { most: memory } = await mostMemory(server, () => ended(server.caller, id, bytes));
      ours.push(performance.now() - began);
      most = Math.max(most, memory);
      let seen = 0;
      const { terminal } = await floor.run('bash', code, (data) => (seen += data.length));
      if (seen < bytes) throw new Error(`the attached reader got ${seen} bytes of ${bytes}`);
      attached.push(terminal);
      options.say(`throughput: round ${round + 1} done`);
    }
    return [rowOf({ ours, attached, most, bytes })];
  },
};

async function post(caller: Caller, program: object): Promise<string> {
  return JSON.parse(await textOf(await caller.call('POST', '/execute/background', program))).process_id;
}

async function ended(caller: Caller, id: string, bytes: number): Promise<void> {
  const record = JSON.parse(await textOf(await caller.call('GET', `/execute/processes/${id}/wait?timeout=300`)));
  if (record.status !== 'completed' || record.stdout_bytes !== bytes || record.stdout_truncated)
    throw new Error(`not all was kept: ${JSON.stringify({ ...record, stdout: '' })}`);
}

function rowOf({ ours, attached, most, bytes }: { ours: number[]; attached: number[]; most: number; bytes: number }): Row {
  const speed = (all: readonly number[]) => `${(bytes / MIB / (median(all) / 1000)).toFixed(0)} MiB/s`;
  const ratio = pairedRatio(attached, ours);
  const measured = `${speed(ours)}, ${times(ratio)} a bare attach (${speed(attached)}); server at most ${(most / MIB).toFixed(0)} MiB`;
  return {
    what: `${(bytes / MIB).toFixed(0)} MiB of output of one process, all kept`,
    measured,
    goal: '≥ 0.8 ×, < 200 MiB',
    values: { ratio, mostMemory: most },
  };
}
