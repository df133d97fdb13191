import type { Client } from '../client/client.ts';
import type { ProcessRequest } from '../client/types.ts';
import { defineCommand, type Values } from './command.ts';
import { connect } from './connect.ts';
import { parseDuration } from './duration.ts';
import { exitCodeOf, OWN_FAILURE } from './exit-code.ts';
import { print, printJson, write } from './print.ts';
import { catchSignals, createRelay } from './run/relay-signals.ts';
import { show } from './run/show.ts';
import { readSource } from './run/source.ts';
import { CONNECTION } from './settings.ts';
import { UsageError } from './usage.ts';

const OPTIONS = {
  code: { type: 'string', short: 'c', value: 'CODE', help: 'run this, instead of a file' },
  lang: { type: 'string', short: 'l', value: 'NAME', help: "the language; else by the file's #! line or extension, or python" },
  env: { type: 'string', short: 'e', multiple: true, value: 'NAME[=VALUE]', help: 'an environment variable; without a value, with the one it has here' },
  name: { type: 'string', short: 'n', value: 'TEXT', help: 'a name, to find it by' },
  timeout: { type: 'string', short: 't', value: 'TIME', help: 'most running time, as in 90s, 30m, 24h; 5m when not given' },
  workdir: { type: 'string', short: 'w', value: 'FOLDER', help: 'where it runs, in /workspace or /tmp; /workspace when not given' },
  detach: { type: 'boolean', short: 'd', help: 'print its id and leave it running' },
  json: { type: 'boolean', help: 'with --detach: print the answer of the server as JSON' },
  ...CONNECTION,
} as const;

export const command = defineCommand({
  synopsis: '[options] [FILE | -c CODE]',
  description: `Runs a program in a container of its own and behaves like it: what it prints comes out here as it is printed, byte for byte; signals
and Ctrl-C are passed on to it (a second Ctrl-C ends it at once); the exit code is its own, 128 and the number of the signal when it was ended by one.
124 says that it ran into its time-out, 125 that coracle itself failed or could not start it. Without FILE the program is read from standard input.`,
  options: OPTIONS,
  examples: ['coracle run script.py', "coracle run -l bash -c 'nproc; df -h /workspace'", 'coracle run --detach --name nightly --timeout 6h train.py'],
  mostArguments: 1,
  leavesRest: true,
  failureCode: OWN_FAILURE,
  async run({ values, positionals }) {
    const source = await readSource({ code: values.code, language: values.lang, words: positionals });
    const client = await connect(values);
    const request = { code: source.code, language: source.language, ...chosen(values) };
    if (values.detach) return detach(client, request, values.json === true);
    return attend(client, request);
  },
});

function chosen({ env = [], name, timeout, workdir }: Values<typeof OPTIONS>): Partial<ProcessRequest> {
  return {
    env: Object.fromEntries(env.map(variable)),
    ...(name === undefined ? {} : { name }),
    ...(timeout === undefined ? {} : { timeout: parseDuration(timeout) }),
    ...(workdir === undefined ? {} : { working_dir: workdir }),
  };
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

/** Stays with the process to its end. A process whose output nobody reads any more is ended, as a local one would be. */
async function attend(client: Client, request: ProcessRequest): Promise<number> {
  const signals = catchSignals(process);
  const { process_id: id } = await client.submit(request);
  const relay = createRelay({ signal: () => client.kill(id), kill: () => client.kill(id) });
  signals.passOn((name) => void relay(name).catch((error) => note(error.message)));
  try {
    const ended = (await show(client, id)) ?? (await client.wait(id));
    if (ended.failure && ended.failure.kind !== 'exit' && ended.failure.kind !== 'signal') await note(ended.failure.message);
    return exitCodeOf(ended);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EPIPE') await client.kill(id).catch(() => undefined);
    else await note(`${id} may still run: coracle logs -f ${id}`);
    throw error;
  }
}

function note(text: string): Promise<void> {
  return write(process.stderr, `coracle: ${text}\n`);
}
