import { spawn } from 'node:child_process';
import { PROJECT_ROOT } from '../version.ts';

/** Silence longer than this is broken by a line that says what is still going on. */
const HEARTBEAT_MS = 15_000;

/** Something a person has to do; the message is the exact commands. */
export class SetupError extends Error {}

/** Runs one step of the set-up, saying what it does and how long it took. */
export async function step<T>(title: string, work: () => Promise<T>): Promise<T> {
  const began = Date.now();
  const seconds = () => `${((Date.now() - began) / 1000).toFixed(1)} s`;
  say(`▸ ${title} …`);
  const heartbeat = setInterval(() => say(`  ${title}: still at it (${seconds()})`), HEARTBEAT_MS);
  try {
    const result = await work();
    say(`✓ ${title} (${seconds()})`);
    return result;
  } catch (error) {
    say(`✗ ${title} (${seconds()})`);
    throw error;
  } finally {
    clearInterval(heartbeat);
  }
}

export function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

export interface RunOptions {
  /** Shows the command's own output, instead of keeping it for the error. */
  readonly isShown?: boolean;
  readonly env?: NodeJS.ProcessEnv;
}

/** Runs a command in the project's root. Rejects with what it printed when it fails. */
export async function run(command: string, args: readonly string[], { isShown = false, env = process.env }: RunOptions = {}): Promise<void> {
  const child = spawn(command, args, { cwd: PROJECT_ROOT, env, stdio: ['ignore', isShown ? 'inherit' : 'pipe', isShown ? 'inherit' : 'pipe'] });
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (printed += chunk));
  const code = await new Promise((resolve, reject) => {
    child.on('error', (error) => reject(new SetupError(`${command} could not be run: ${error.message}`)));
    child.on('close', (exitCode, signal) => resolve(exitCode ?? signal));
  });
  if (code !== 0) throw new SetupError(`"${[command, ...args].join(' ')}" ended with ${code}.\n${printed.slice(-4_000)}`);
}
