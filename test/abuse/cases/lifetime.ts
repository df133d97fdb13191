import assert from 'node:assert/strict';
import { type Answers, type Attack, attack, checkAnswers, TIMED_OUT } from '../attack.ts';
import type { AbuseCase } from '../case.ts';
import type { Stage } from '../stage.ts';

type Row = Omit<Attack, 'group'>;

const ROWS: readonly Row[] = [
  { name: 'ignoring every signal', isInCi: true, program: 'deaf.py', timeout: 2, answers: { ...TIMED_OUT, stdout: 'deaf\n' } },
  { name: 'a daemon while the main process exits 0', isInCi: true, program: 'daemon.py', answers: { status: 'completed', exitCode: 0, stdout: 'main ends\n' } },
  {
    name: 'a child that goes on writing while the main process exits',
    program: 'inherit-streams.py',
    answers: { status: 'completed', exitCode: 0, stdout: /main ends/ },
  },
  { name: 'signals to PID 1', program: 'kill-init.sh', answers: {} },
  { name: 'stopping PID 1 and itself', program: 'stop-init.sh', timeout: 2, answers: { status: 'failed' } },
  { name: 'kill -9 -1', program: 'kill-all.sh', answers: {} },
  { name: 'ptrace on PID 1', program: 'trace-init.py', answers: { status: 'completed', stdout: /^(held: .*\n){2}$/ } },
  {
    name: '300 zombies',
    program: 'zombies.py',
    answers: { status: 'completed', stdout: /^made \d+\n$/ },
    gvisorAnswers: {},
    underGvisor: 'each process is threads of the sandbox on the host: where it gets no more of them it ends',
  },
  {
    name: 'exit 137 is neither a kill nor a lack of memory',
    isInCi: true,
    program: 'exit-137.sh',
    answers: { status: 'failed', failure: 'signal', exitCode: 137 },
  },
  { name: 'kill -9 of itself', program: 'kill-self.sh', answers: { status: 'failed', failure: 'signal', exitCode: 137 } },
  { name: 'exit 256', program: 'exit-256.py', answers: { status: 'completed', exitCode: 0 } },
];

/** One thing done to a process at a moment that nobody foresees, a few times over. */
function race(name: string, program: (round: number) => Record<string, unknown>, act: Act): AbuseCase {
  return {
    group: 'lifetime',
    name,
    async play(stage) {
      const { api } = await stage.stranger();
      const endings: string[] = [];
      for (let round = 0; round < ROUNDS; round += 1) endings.push(await act({ stage, api, body: program(round) }));
      return { said: endings.join(', ') };
    },
  };
}

type Act = (at: { stage: Stage; api: Stage['quiet']; body: Record<string, unknown> }) => Promise<string>;
const ROUNDS = 6;
const naps = (round: number, seconds: number) => ({ language: 'bash', code: `sleep ${(seconds + (round - ROUNDS / 2) * 0.05).toFixed(2)}` });

/** Whatever won, the record says one thing, and goes on saying it. */
async function settled(api: Stage['quiet'], id: string, allowed: readonly Answers[]): Promise<string> {
  const first = await api.ended(id);
  const again = await api.get(id);
  assert.deepEqual({ ...again, timestamp: undefined }, { ...first, timestamp: undefined });
  const fits = allowed.some((answers) => {
    try {
      checkAnswers(first, answers);
      return true;
    } catch {
      return false;
    }
  });
  assert.ok(fits, JSON.stringify(first));
  return first.failure?.kind ?? first.status;
}

const COMPLETED: Answers = { status: 'completed', exitCode: 0, failure: null };
const KILLED: Answers = { status: 'killed', failure: null };

const RACES: readonly AbuseCase[] = [
  race(
    'a time-out at the moment of a natural end',
    (round) => ({ ...naps(round, 1), timeout: 1 }),
    async ({ api, body }) => settled(api, await api.submit(body), [COMPLETED, TIMED_OUT]),
  ),
  race(
    'a kill at the moment of a natural end',
    (round) => naps(round, 0.4),
    async ({ api, body }) => {
      const id = await api.submit(body);
      await new Promise((resolve) => setTimeout(resolve, 700));
      const { status } = await api.kill(id);
      assert.ok([200, 404].includes(status), `kill answered ${status}`);
      return settled(api, id, status === 200 ? [KILLED] : [COMPLETED]);
    },
  ),
  race(
    'two kills at once',
    () => ({ language: 'bash', code: 'sleep 60' }),
    async ({ api, body }) => {
      const id = await api.submit(body);
      const answers = await Promise.all([api.kill(id), api.kill(id), api.kill(id)]);
      for (const { status } of answers) assert.ok([200, 404].includes(status), `kill answered ${status}`);
      assert.ok(answers.some(({ status }) => status === 200));
      return settled(api, id, [KILLED]);
    },
  ),
  race(
    'a kill before the start',
    () => ({ language: 'bash', code: 'echo ran; sleep 60' }),
    async ({ api, body }) => {
      const [, , , waiting = ''] = await Promise.all(Array.from({ length: 4 }, () => api.submit(body)));
      assert.equal((await api.kill(waiting)).status, 200);
      for (const { process_id } of await api.list()) await api.kill(process_id);
      return settled(api, waiting, [KILLED]);
    },
  ),
];

export const LIFETIME: readonly AbuseCase[] = [...ROWS.map((row) => attack({ group: 'lifetime', ...row })), ...RACES];
