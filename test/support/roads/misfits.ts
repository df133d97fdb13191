import type { Job } from '../../../src/engine/job.ts';

export interface Misfit {
  readonly title: string;
  readonly change: (job: Job) => Partial<Job>;
  readonly code?: string;
  readonly input?: string;
}

/** Of python, unless it has code of its own. */
export const SHOW_START =
  'import os, sys\nprint(sys.argv, sys.orig_argv, sys.path, sys.flags, os.getcwd(), list(os.environ.items()), os.listdir("/proc/self/fd"))\n';
const SHOW_SIGNALS = 'grep -E "Sig|Shd" /proc/self/status; trap -p; ls /proc/self/fd; env; pwd; umask; ulimit -a';

const command = (title: string, run: readonly string[], input = ''): Misfit => ({ title, input, change: () => ({ run }) });
const environment = (title: string, env: Readonly<Record<string, string>>): Misfit => ({ title, change: (job) => ({ env: { ...job.env, ...env } }) });
const place = (title: string, workingDir: string): Misfit => ({ title, change: () => ({ workingDir }) });
const more = (title: string, content: string, mode: number): Misfit => ({
  title,
  change: ({ files }) => ({ run: ['/workspace/tool', 'a b'], files: [...files, { path: '/workspace/tool', mode, content: Buffer.from(content) }] }),
});

/** Jobs that are to run something else than what their container has started ahead. */
export const MISFITS: readonly Misfit[] = [
  environment('a variable more', { MORE: 'a=b\nc' }),
  environment('a variable that is empty', { EMPTY: '' }),
  environment('another home', { HOME: '/tmp' }),
  environment('another path of modules', { PYTHONPATH: '/tmp:/usr' }),
  environment('buffered output', { PYTHONUNBUFFERED: '' }),
  environment('a seed of hashes', { PYTHONHASHSEED: '0' }),
  environment('no bytecode', { PYTHONDONTWRITEBYTECODE: '1' }),
  environment('development mode', { PYTHONDEVMODE: '1' }),
  environment('warnings as errors', { PYTHONWARNINGS: 'error' }),
  environment('an inspection at the end', { PYTHONINSPECT: '1' }),
  environment('another encoding', { PYTHONIOENCODING: 'latin-1', LANG: 'C' }),
  environment('a large environment', { LARGE: 'x'.repeat(120_000), OTHER: 'y'.repeat(120_000) }),
  environment('a variable that is too large', { LARGE: 'x'.repeat(140_000) }),
  { title: 'the same variables in another order', change: ({ env }) => ({ env: Object.fromEntries(Object.entries(env).reverse()) }) },
  { title: 'no environment', change: () => ({ env: {} }) },
  place('a folder that has to be made', '/workspace/a/b'),
  place('a folder that cannot be made', '/nowhere'),
  place('a folder that is a file', '/etc/passwd'),
  place('the folder of temporary files', '/tmp'),
  { title: 'arguments', change: ({ run }) => ({ run: [...run, 'one', '', 'two words', '-u', 'é\n'] }) },
  { title: 'an option before the program', change: ({ run: [python = '', ...rest] }) => ({ run: [python, '-I', '-X', 'dev', ...rest] }) },
  { title: 'the interpreter by its name', change: ({ run: [, ...rest] }) => ({ run: ['python3', ...rest] }) },
  { title: 'an argument that is too large', change: ({ run }) => ({ run: [...run, 'x'.repeat(140_000)] }) },
  {
    title: 'results to be shown',
    change: ({ run: [python = '', file = ''] }) => ({ run: [python, '/opt/coracle/rich.py', '0123456789abcdef', file] }),
    code: '1 + 1',
  },
  {
    title: 'code that fails where results are shown',
    change: ({ run: [python = '', file = ''] }) => ({ run: [python, '/opt/coracle/rich.py', 'mark', file] }),
    code: '1 / 0',
  },
  command('a shell', ['/bin/bash', '-c', SHOW_SIGNALS]),
  command('a shell that reads its input', ['/bin/bash', '-s'], 'echo "$0"\nread -r line\nnext\necho "[$line]"\n'),
  command('a broken pipe in a shell', ['/bin/bash', '-c', 'yes | head -n 1; echo "${PIPESTATUS[@]}"']),
  command('a program by its name', ['cat', '-'], 'given'),
  command('a program that is not there', ['/usr/bin/nothing']),
  command('a program of a name that is not there', ['nothing-of-that-name', 'x']),
  command('a folder as the program', ['/usr/bin']),
  command('a file that is no program', ['/etc/passwd']),
  command('a program below a file', ['/etc/passwd/x']),
  command('perl', ['perl', '-e', 'print join(",", sort keys %ENV), " $0 @ARGV $SIG{PIPE}\\n"; kill "PIPE", $$']),
  command('node', ['/usr/local/bin/node', '-e', 'console.log(process.argv, process.execArgv, process.cwd(), Object.keys(process.env))']),
  command('python that runs a module', ['/usr/bin/python3', '-m', 'json.tool'], '{"a":1}'),
  command('a crash', ['/bin/sh', '-c', 'kill -SEGV $$']),
  command('an exit code', ['/bin/sh', '-c', 'exit 125']),
  more('a script', '#!/bin/sh\necho "$0 $#"; exit 3\n', 0o755),
  more('a script without a first line that says by what', 'echo "$0 $#"\nreadlink /proc/$$/exe\n', 0o755),
  more('a script that may not be run', '#!/bin/sh\n', 0o644),
  more('a script of an interpreter that is not there', '#!/nowhere/at all\n', 0o755),
  more('an empty script', '', 0o755),
  { title: 'a step before', change: () => ({ compile: ['/bin/sh', '-c', 'echo building; echo >&2 warning; cat; env; ls /proc/self/fd; touch built'] }) },
  { title: 'a step before that fails', change: () => ({ compile: ['/bin/sh', '-c', 'echo >&2 broken; exit 3'] }) },
  { title: 'a step before that is killed', change: () => ({ compile: ['/bin/sh', '-c', 'kill -9 $$'] }) },
  { title: 'a step before that is not there', change: () => ({ compile: ['/usr/bin/nothing'] }) },
  { title: 'a file that cannot be written', change: ({ files }) => ({ files: [{ path: '/usr/x/y', mode: 0o644, content: Buffer.from('x') }, ...files] }) },
  {
    title: 'a file larger than its place',
    change: ({ files }) => ({ files: [...files, { path: '/tmp/coracle/large', mode: 0o644, content: Buffer.alloc(80_000_000) }] }),
  },
];
