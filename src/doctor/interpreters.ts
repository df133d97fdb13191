import type { ContainerEngine } from '../engine/container-engine.ts';
import { CoracleError } from '../errors.ts';
import type { Language } from '../languages/language.ts';
import { bad, type Finding, good } from './finding.ts';
import { type Once, type Ran, runOnce } from './run-once.ts';

const LIMITS: Once['limits'] = { memoryBytes: 256 * 1024 * 1024, pids: 128 };
/** From here on an exit code is of the launcher, of the loader or of a signal: the interpreter has not come to the code. */
const NOT_STARTED = 126;
const MOST_SHOWN = 200;

export interface InterpreterOptions {
  /** With a mark of its own, so that nobody takes what it runs for a process. */
  readonly engine: ContainerEngine;
  readonly runtime: string | null;
}

/**
 * Has each language run a program that is empty: a compiler may refuse it, but must have started. Those whose image is missing are left out. Leaves
 * nothing behind. Rejects with ENGINE_UNAVAILABLE.
 */
export async function tryInterpreters(languages: readonly Language[], { engine, runtime }: InterpreterOptions): Promise<Finding[]> {
  const findings: Finding[] = [];
  // One after the other: the machine may be small, and its containers in use.
  for (const language of languages) {
    const { image, file, compile, run, env } = language;
    const job = { compile, run, env, files: [{ path: file, mode: 0o644, content: Buffer.alloc(0) }] };
    const ran = await runOnce({ engine, image, runtime, limits: LIMITS, job }).catch(noImage);
    if (ran) findings.push(judgeInterpreter(language, ran));
  }
  return findings;
}

function noImage(error: unknown): undefined {
  if (!(error instanceof CoracleError && error.code === 'IMAGE_MISSING')) throw error;
}

export function judgeInterpreter({ name, image }: Pick<Language, 'name' | 'image'>, { printed, exit }: Ran): Finding {
  if (exit?.kind === 'exited' && exit.exitCode < NOT_STARTED) return good(`interpreter.${name}`, `${name} starts`);
  const last = printed.trim().split('\n').at(-1)?.slice(0, MOST_SHOWN);
  const end = exit?.kind === 'exited' ? `exit code ${exit.exitCode}` : 'no end that is known';
  return bad('advice', `interpreter.${name}`, {
    what: `${name} does not start: ${end}${last ? `, ${JSON.stringify(last)}` : ''}`,
    why: 'Every process in this language fails.',
    remedy: `Build its image anew: docker rmi -f coracle/${image} (with the tag in use), and npm run setup.`,
  });
}
