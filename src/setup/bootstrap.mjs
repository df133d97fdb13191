// The first program of `npm start`, `npm test` and `npm run setup`. It runs on whatever Node the machine has (18 or later) and without any
// dependency: it installs them, the project's own Node among them, and goes on there in TypeScript.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const stamp = join(root, 'node_modules', '.coracle-installed');
const node = join(root, 'node_modules', 'node', 'bin', 'node');

function run(command, args) {
  const child = spawn(command, args, { cwd: root, stdio: 'inherit' });
  const forward = (signal) => child.kill(signal);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, forward);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code, signal) => {
      for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.off(name, forward);
      resolve(code ?? 128 + constants.signals[signal]);
    });
  });
}

function lockDigest() {
  return createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
}

async function installDependencies() {
  const digest = lockDigest();
  if (existsSync(stamp) && existsSync(node) && readFileSync(stamp, 'utf8') === digest) return;
  console.log('▸ dependencies: npm ci …');
  const began = Date.now();
  const npm = process.env.npm_execpath;
  const code = npm
    ? await run(process.execPath, [npm, 'ci', '--no-fund', '--no-audit', '--loglevel=error'])
    : await run('npm', ['ci', '--no-fund', '--no-audit', '--loglevel=error']);
  if (code !== 0 || !existsSync(node)) {
    console.error("✗ dependencies could not be installed: see npm's words above. It needs the npm registry.");
    process.exit(code || 1);
  }
  writeFileSync(stamp, digest);
  console.log(`✓ dependencies (${((Date.now() - began) / 1000).toFixed(1)} s)`);
}

await installDependencies();
process.env.PATH = `${join(root, 'node_modules', '.bin')}:${process.env.PATH}`;
process.exit(await run(node, ['--disable-warning=ExperimentalWarning', join(root, 'src', 'setup', 'main.ts'), ...process.argv.slice(2)]));
