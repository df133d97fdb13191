import type { Client } from '../client/client.ts';
import type { ProcessRequest } from '../client/types.ts';
import { defineCommand, type Values } from './command.ts';
import { connect } from './connect.ts';
import { parseDuration } from './duration.ts';
import { OWN_FAILURE } from './exit-code.ts';
import { print, printJson } from './print.ts';
import { attend } from './run/attend.ts';
import { readSource } from './run/source.ts';
import { CONNECTION } from './settings.ts';
import { UsageError } from './usage.ts';

const OPTIONS = {
  code: { type: 'string', short: 'c', value: 'CODE', help: 'run this, instead of a file' },
  lang: { type: 'string', short: 'l', value: 'NAME', help: "the language; else by the file's #! line or extension, or python" },
  env: { type: 'string', short: 'e', multiple: true, value: 'NAME[=VALUE]', help: 'an environment variable; without a value, with the one it has here' },
  name: { type: 'string', short: 'n', value: 'TEXT', help: 'a name, to find it by' },
  timeout: { type: 'string', short: 't', value: 'TIME', help: 'most running time, as in 90s, 30m, 24h; 5m when not given' },
  memory: { type: 'string', value: 'MIB', help: 'memory and swap; what the server gives when not given' },
  cpus: { type: 'string', value: 'NUMBER', help: 'CPUs, fractions allowed' },
  workdir: { type: 'string', short: 'w', value: 'FOLDER', help: 'where it runs, in /workspace or /tmp; /workspace when not given' },
  detach: { type: 'boolean', short: 'd', help: 'print its id and leave it running' },
  json: { type: 'boolean', help: 'with --detach: print the answer of the server as JSON' },
  ...CONNECTION,
} as const;

export const command = defineCommand({
  synopsis: '[options] [FILE | -c CODE] [ARGUMENT…]',
  description: `Runs a program in a container of its own and behaves like it: what it prints comes out here as it is printed, byte for byte; standard input,
signals and Ctrl-C reach it (a second Ctrl-C ends it at once); the exit code is its own, 128 and the number of the signal when it was ended by one.
124 says that it ran into its time-out, 125 that coracle itself failed or could not start it.

Without FILE, or with "-", the program itself is read from standard input, and its own is empty. Otherwise it gets ours to the end: in a shell loop that
reads lines, add "< /dev/null". At a terminal it gets what is typed, until Ctrl-D. With --detach it gets nothing.`,
  options: OPTIONS,
  examples: [
    'coracle run script.py --verbose input.csv',
    'echo 3 | coracle run square.py | wc -l',
    "coracle run -l bash -c 'nproc; df -h /workspace'",
    'coracle run --detach --name nightly --timeout 6h train.py',
  ],
  mostArguments: Number.POSITIVE_INFINITY,
  leavesRest: true,
  failureCode: OWN_FAILURE,
  async run({ values, positionals }) {
    const source = await readSource({ code: values.code, language: values.lang, words: positionals });
    const client = await connect(values);
    const request = { code: source.code, language: source.language, args: [...source.args], ...chosen(values) };
    if (values.detach) return detach(client, request, values.json === true);
    return attend(client, request, source.tookInput ? undefined : process.stdin);
  },
});

function chosen({ env = [], name, timeout, workdir, memory, cpus }: Values<typeof OPTIONS>): Partial<ProcessRequest> {
  return {
    env: Object.fromEntries(env.map(variable)),
    ...(name === undefined ? {} : { name }),
    ...(timeout === undefined ? {} : { timeout: parseDuration(timeout) }),
    ...(workdir === undefined ? {} : { working_dir: workdir }),
    limits: { memory_mb: parseNumber(memory), cpus: parseNumber(cpus) },
  };
}

function parseNumber(text: string | undefined): number | null {
  if (text === undefined) return null;
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text);
  throw new UsageError(`"${text}" is no number`);
}

function variable(text: string): [string, string] {
  const [name = '', ...value] = text.split('=');
  if (value.length > 0) return [name, value.join('=')];
  const own = process.env[name];
  if (own === undefined) throw new UsageError(`there is no variable ${name} here: write ${name}=VALUE`);
  return [name, own];
}

async function detach(client: Client, request: ProcessRequest, isJson: boolean): Promise<number> {
  const accepted = await client.submit(request);
  await (isJson ? printJson(accepted) : print(`${accepted.process_id}\n`));
  return 0;
}
