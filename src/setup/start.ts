import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { join } from 'node:path';
import { PROJECT_ROOT } from '../version.ts';
import { SERVER_FLAGS } from './node-flags.ts';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Runs the built server until it ends, handing signals on to it. Answers its exit code. */
export async function startBuilt(args: readonly string[]): Promise<number> {
  const server = join(PROJECT_ROOT, 'dist', 'cli', 'coracle.js');
  const child = spawn(process.execPath, [...SERVER_FLAGS, server, 'serve', '--hello', ...args], { stdio: 'inherit' });
  for (const signal of SIGNALS) process.on(signal, () => child.kill(signal));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code, signal) => resolve(code ?? 128 + (signal ? constants.signals[signal] : 0)));
  });
}
