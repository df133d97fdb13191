import { chmodSync, existsSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { CoracleError } from '../errors.ts';
import { PROJECT_ROOT } from '../version.ts';
import { runChecks, runProgram } from './checks.ts';
import { ensureEngine } from './engine.ts';
import { ensureGvisor } from './gvisor.ts';
import { ensureLanguageImages } from './language-images.ts';
import { ensureServerImage } from './server-image.ts';
import { startBuilt } from './start.ts';
import { run, SetupError, step } from './steps.ts';

/** What `npm start`, `npm test`, `npm run abuse`, `npm run test:engines`, `npm run setup` and `npm run image` do once the dependencies are there. */
async function main(command: string | undefined, args: readonly string[]): Promise<number> {
  const docker = await step('container engine', ensureEngine);
  await step('language images', () => ensureLanguageImages(docker));
  await step('build', build);
  if (command === 'image') await step('server image', () => ensureServerImage(docker));
  if (command === 'start') return startBuilt(args);
  if (command !== 'test' && command !== 'abuse' && command !== 'engines') return 0;
  await ensureGvisor(docker);
  return command === 'test' ? runChecks(args) : runProgram(command, args);
}

/** The link makes `npx coracle` of a checkout this build, on the project's own Node. */
async function build(): Promise<void> {
  await run('tsc', ['-p', 'src']);
  chmodSync(join(PROJECT_ROOT, 'dist', 'cli', 'coracle.js'), 0o755);
  const link = join(PROJECT_ROOT, 'node_modules', '.bin', 'coracle');
  if (!existsSync(link)) symlinkSync('../../dist/cli/coracle.js', link);
}

const [command, ...args] = process.argv.slice(2);
try {
  process.exitCode = await main(command, args);
} catch (error) {
  const isExpected = error instanceof SetupError || error instanceof CoracleError;
  process.stderr.write(`\n${isExpected ? error.message : (error as Error).stack}\n`);
  process.exitCode = 1;
}
