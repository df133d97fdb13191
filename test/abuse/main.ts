import { parseArgs } from 'node:util';
import { docker } from '../support/docker.ts';
import type { AbuseCase } from './case.ts';
import { ALL_CASES } from './cases/all.ts';
import { type Result, summarise } from './report.ts';
import { openStage, RUNTIMES, type Runtime, type Stage } from './stage.ts';

const USAGE = 'npm run abuse -- [--runtime runc|runsc|both] [--only WORDS]';

const { values } = parseArgs({ options: { runtime: { type: 'string', default: 'both' }, only: { type: 'string', default: '' } } });
const runtimes = values.runtime === 'both' ? RUNTIMES : [RUNTIMES.find((known) => known === values.runtime) ?? refuse()];
const cases = ALL_CASES.filter(({ group, name }) => `${group} ${name}`.includes(values.only));

function refuse(): never {
  throw new Error(`--runtime ${values.runtime} is not one of ${RUNTIMES.join(', ')}. ${USAGE}`);
}

const { Version } = await docker.version();
for (const runtime of runtimes) {
  console.log(`\n▸ ${runtime}`);
  const results = await playAll(runtime);
  console.log(`\n${summarise(results, { runtime, engine: `Docker ${Version}` })}`);
  if (results.some(({ problem }) => problem)) process.exitCode = 1;
}

async function playAll(on: Runtime): Promise<Result[]> {
  await using stage = await openStage(on);
  const played: Result[] = [];
  // What happens to the engine is the same whatever runs the containers.
  for (const abuse of cases.filter(({ group }) => on === 'runc' || group !== 'infrastructure')) played.push(await play(stage, abuse));
  return played;
}

async function play(stage: Stage, abuse: AbuseCase): Promise<Result> {
  try {
    const played = await abuse.play(stage);
    console.log(`✓ ${abuse.group}: ${abuse.name}: ${played.said}`);
    return { abuse, played, problem: undefined };
  } catch (error) {
    console.log(`✗ ${abuse.group}: ${abuse.name}: ${(error as Error).message}`);
    return { abuse, played: undefined, problem: (error as Error).message };
  }
}
