import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PROJECT_ROOT } from '../version.ts';
import { hasCommand, installPackages, isDebianLike, isRoot } from './machine.ts';
import { run, SetupError, say, step } from './steps.ts';

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
  return runTests(args);
}

async function runTests(args: readonly string[]): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'coracle-test-'));
  try {
    const report = join(folder, 'report.json');
    const code = await vitest(['run', '--config', 'test/vitest.config.ts', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`, ...args]);
    const { numPassedTests, numFailedTests } = JSON.parse(await readFile(report, 'utf8'));
    say(`${numPassedTests} passed, ${numFailedTests} failed`);
    return code;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The hostile programs; see test/abuse/main.ts for the arguments. Answers the exit code. */
export function runAbuse(args: readonly string[]): Promise<number> {
  return node([join(PROJECT_ROOT, 'test', 'abuse', 'main.ts'), ...args]);
}

function vitest(args: readonly string[]): Promise<number> {
  return node([join(PROJECT_ROOT, 'node_modules', 'vitest', 'vitest.mjs'), ...args]);
}

function node(args: readonly string[]): Promise<number> {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', ...args], { cwd: PROJECT_ROOT, stdio: 'inherit' });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code) => resolve(code ?? 1));
  });
}
