import type { Job, JobFile } from '../engine/job.ts';
import type { Language } from '../languages/language.ts';
import type { LoadedProcess } from '../process/process-store.ts';
import type { Environment } from '../sandbox/environment.ts';

const MODE = 0o644;
/** Where a standard input that is known from the start waits until the program starts. */
const INPUT_PATH = '/tmp/coracle/input';
/** Becomes the program, with that file, which is gone then, as its standard input. */
const WITH_INPUT = ['/bin/sh', '-c', 'exec <"$0" && /bin/rm "$0" && exec "$@"', INPUT_PATH];

/** What a process's container is given. A standard input that is known whole is a part of it, so that no crash can cut it. */
export function jobOf({ env, file, compile, run, show }: Language, sandboxEnv: Environment, { record, source }: LoadedProcess): Job {
  const { code, command, args = [], files = [], stdin, wantsResult } = source;
  const shown = wantsResult && show.length > 0 ? show.map((word) => (word === '{mark}' ? record.executionId : word)) : run;
  const program = [...(command ?? shown), ...args];
  const input = stdin?.isClosed && stdin.data.length > 0 ? stdin.data : undefined;
  const placed: JobFile[] = files.map(({ path, content }) => ({ path, mode: MODE, content }));
  // After the caller's, so that none of them can stand in for the code.
  if (!command) placed.push({ path: file, mode: MODE, content: Buffer.from(code) });
  if (input) placed.push({ path: INPUT_PATH, mode: MODE, content: input });
  return {
    workingDir: record.workingDir,
    env: { ...env, ...sandboxEnv, ...source.env },
    compile: command ? [] : compile,
    run: input ? [...WITH_INPUT, ...program] : program,
    files: placed,
  };
}
