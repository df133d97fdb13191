import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** A filesystem check of a large image after a crash takes longest. */
const TOOL_MS = 120_000;

/** Runs one of the host's programs and answers what it printed; rejects with its words, and its exit code in `code`. */
export type Run = (program: string, args: readonly string[]) => Promise<string>;

/** Without a shell. Its own PATH, because those of services often lack where mkfs and losetup are. */
export const runTool: Run = async (program, args) => {
  const env = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C' };
  const { stdout } = await promisify(execFile)(program, [...args], { env, timeout: TOOL_MS, killSignal: 'SIGKILL' });
  return stdout;
};

/** Of a program that ran and failed; undefined when it could not be run. */
export function exitCodeOf(error: unknown): number | undefined {
  const code = (error as { code?: unknown } | undefined)?.code;
  return typeof code === 'number' ? code : undefined;
}
