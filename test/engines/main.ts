import { languageImages } from '../../src/setup/language-images.ts';
import { runVitest } from '../../src/setup/vitest.ts';
import { privateEngine } from '../support/private-engine.ts';
import { ENGINES, type EngineName, isEngineName } from './engines.ts';
import { EXCEPTIONS } from './exceptions.ts';
import { chosenOf, excludedFiles, judge, type Verdict } from './judge.ts';

/** Usage: npm run test:engines -- [userns] [gvisor] [what vitest takes: a part of a file's name, -t TITLE]. Both engines by default. */
const words = process.argv.slice(2);
const chosen = words.filter(isEngineName);
const rest = words.filter((word) => !isEngineName(word));

const choosesTests = rest.some((word) => /^(-t|--testNamePattern)/.test(word));

/** Units need no engine. */
const SUITES = ['contract', 'integration', 'e2e'].map((name) => `--project=${name}`);

// Whoever interrupts it interrupts vitest, and the engine is still taken away.
process.on('SIGINT', () => undefined);

async function play(name: EngineName): Promise<Verdict> {
  console.log(`▸ ${name}: starting an engine with ${JSON.stringify(ENGINES[name])}, and giving it the images …`);
  await using engine = await privateEngine(ENGINES[name]);
  for (const { reference } of languageImages()) await engine.load(reference);
  const excluded = excludedFiles(EXCEPTIONS, name).map((file) => `--exclude=${file}`);
  const { report } = await runVitest([...SUITES, ...excluded, ...rest], { ...process.env, DOCKER_HOST: engine.host });
  const judged = choosesTests ? chosenOf(report, EXCEPTIONS) : { report, exceptions: EXCEPTIONS };
  return judge(judged.report, judged.exceptions, name);
}

for (const name of chosen.length > 0 ? chosen : (Object.keys(ENGINES) as EngineName[])) {
  const { passed, excepted, problems } = await play(name);
  for (const { file, test, reason } of excepted) console.log(`  ${file}: "${test}" fails on ${name}: ${reason}`);
  for (const problem of problems) console.log(`✗ ${problem}`);
  console.log(`${problems.length === 0 ? '✓' : '✗'} ${name}: ${passed} passed, ${excepted.length} failed as they must, ${problems.length} problems\n`);
  if (problems.length > 0) process.exitCode = 1;
}
