import { join } from 'node:path';
import { PROJECT_ROOT } from '../version.ts';
import { hasCommand, installPackages, isDebianLike, isRoot } from './machine.ts';
import { run, SetupError, say, step } from './steps.ts';
import { runNode, runVitest } from './vitest.ts';

/** The tests run docker-compose.yml, and fail where no Compose is found. */
async function ensureCompose(): Promise<void> {
  const hasPlugin = await run('docker', ['compose', 'version']).then(
    () => true,
    () => false,
  );
  if (hasPlugin || hasCommand('docker-compose')) return;
  if (!isRoot() || !isDebianLike())
    throw new SetupError('The tests need Docker Compose. Run:\n  sudo apt-get update && sudo apt-get install -y docker-compose');
  await step('no Compose found: installing docker-compose from the distribution', () => installPackages(['docker-compose']));
}

/** Everything that must hold: lint, types, and every suite. Arguments go to vitest, and then only it runs. Answers the exit code. */
export async function runChecks(args: readonly string[]): Promise<number> {
  if (args.length === 0) {
    await step('lint', () => run('biome', ['ci', '--error-on-warnings', '.']));
    await step('types', () => run('tsc', []));
  }
  await ensureCompose();
  const { exitCode, report } = await runVitest(args);
  say(`${report.numPassedTests} passed, ${report.numFailedTests} failed`);
  return exitCode;
}

/** What is run at length now and then: `test/<name>/main.ts`, which says what arguments it takes. Answers the exit code. */
export function runProgram(name: 'abuse' | 'engines', args: readonly string[]): Promise<number> {
  return runNode([join(PROJECT_ROOT, 'test', name, 'main.ts'), ...args]);
}
