import { beforeAll, describe, expect, it } from 'vitest';
import { JOB_TAKEN, type Job } from '../../src/engine/job.ts';
import { readCatalog } from '../../src/images/catalog.ts';
import { PROJECT_ROOT } from '../../src/version.ts';
import { MISFITS, SHOW_START } from '../support/roads/misfits.ts';
import { ODD_SOURCES } from '../support/roads/odd-sources.ts';
import { type RoadProgram, readPrograms } from '../support/roads/programs.ts';
import { type Roads, runByBothRoads } from '../support/roads/run.ts';

const python = readCatalog(`${PROJECT_ROOT}/images`).find(({ language }) => language.name === 'python')?.language;
if (!python) throw new Error('there is no python');
const { file, run, env } = python;

/** The job that the interpreter ahead waits for. */
const jobOf = ({ code, files }: Pick<RoadProgram, 'code' | 'files'>): Job => {
  const others = [...files].map(([path, content]) => ({ path, mode: 0o644, content: Buffer.from(content) }));
  return { workingDir: '/workspace', compile: [], run, env, files: [...others, { path: file, mode: 0o644, content: Buffer.from(code) }] };
};

const PROGRAMS = [...readPrograms(`${PROJECT_ROOT}/test/integration/roads`), ...ODD_SOURCES];
const outcomeOf = ({ image: _, ...outcome }: Roads['direct']) => outcome;
const TAKEN = JOB_TAKEN.toString();

describe('a program comes out the same, whether its interpreter was started for it or waited for it', () => {
  const outcomes = new Map<string, Roads>();
  beforeAll(async () => {
    const roads = await runByBothRoads(PROGRAMS.map((program) => ({ job: jobOf(program), input: program.input })));
    for (const [index, { title }] of PROGRAMS.entries()) outcomes.set(title, roads[index] as Roads);
  }, 300_000);

  it('has more than a hundred of them, each by its own name', () => {
    expect(PROGRAMS.length).toBeGreaterThan(100);
    expect(outcomes.size).toBe(PROGRAMS.length);
  });

  it.each(PROGRAMS)('$title', ({ title }) => {
    const { direct, ahead } = outcomes.get(title) as Roads;
    expect(direct.stdout.startsWith(TAKEN)).toBe(true);
    expect(outcomeOf(ahead)).toEqual(outcomeOf(direct));
  });
});

describe('a job that is to run something else comes out the same in a container whose interpreter waits', () => {
  const outcomes = new Map<string, Roads>();
  beforeAll(async () => {
    const fitting = (code = SHOW_START) => jobOf({ code, files: new Map() });
    const roads = await runByBothRoads(MISFITS.map(({ code, change, input = '' }) => ({ job: { ...fitting(code), ...change(fitting(code)) }, input })));
    for (const [index, { title }] of MISFITS.entries()) outcomes.set(title, roads[index] as Roads);
  }, 300_000);

  it.each(MISFITS)('$title', ({ title }) => {
    const { direct, ahead } = outcomes.get(title) as Roads;
    expect(direct.stdout.startsWith(TAKEN)).toBe(true);
    expect(outcomeOf(ahead)).toEqual(outcomeOf(direct));
  });
});

describe('the interpreter that waits', () => {
  const code = 'print([line for line in open("/proc/self/maps") if "libc.so" in line][0].split(" ")[0])';

  it.each([
    { title: 'is the one that runs the job that it was started for', change: {}, isKept: true },
    { title: 'is another one where the job does not fit', change: { env: { ...env, MORE: '1' } }, isKept: false },
    { title: 'is another one where the sandbox customises it', files: ['/workspace/sitecustomize.py'], change: {}, isKept: false },
    { title: 'is another one where the user has packages', files: ['/workspace/.local/lib/python3.13/site-packages/x.pth'], change: {}, isKept: false },
  ])('$title', async ({ change, files = [], isKept }) => {
    const job = jobOf({ code, files: new Map(files.map((path) => [path, ''])) });
    const [roads] = await runByBothRoads([{ job: { ...job, ...change }, input: '' }]);
    expect(roads?.ahead.stdout === `${TAKEN}${roads?.ahead.image}\n`).toBe(isKept);
  });
});
