import type { Client } from '../client/client.ts';
import type { KillHow } from '../client/types.ts';
import { defineCommand, type Values } from './command.ts';
import { connect } from './connect.ts';
import { parseDuration } from './duration.ts';
import { print, printJson } from './print.ts';
import { CONNECTION } from './settings.ts';
import { UsageError } from './usage.ts';

const OPTIONS = {
  name: { type: 'string', value: 'TEXT', help: 'all of this name that have not ended' },
  all: { type: 'boolean', short: 'a', help: 'all of the sandbox that have not ended' },
  signal: { type: 'string', short: 's', value: 'NAME', help: 'what to ask with: INT, TERM, KILL, HUP, USR1 or USR2; TERM when not given' },
  grace: { type: 'string', short: 'g', value: 'TIME', help: 'how long to wait before KILL, as in 30s, at most 5m; 2s when not given' },
  json: { type: 'boolean', help: 'print what was stopped as JSON' },
  ...CONNECTION,
} as const;

export const command = defineCommand({
  synopsis: '[options] ID… | --name TEXT | --all',
  description: 'Ends processes and everything that they started: by SIGTERM, and SIGKILL after a while. It answers when they have ended, and prints their ids.',
  options: OPTIONS,
  examples: [
    'coracle kill proc_aUwWk3oXyYh2sFf0tB8yLg',
    'coracle kill --name nightly --signal INT --grace 30s',
    'coracle ps --status running | cut -f 1 | xargs coracle kill',
  ],
  mostArguments: Number.POSITIVE_INFINITY,
  async run({ values, positionals }) {
    if ([positionals.length > 0, values.name !== undefined, values.all].filter(Boolean).length !== 1)
      throw new UsageError('say which processes: coracle kill ID, --name TEXT, or --all');
    const stopped = await end(await connect(values), positionals, values);
    await (values.json ? printJson(stopped) : print(stopped.map(({ process_id }) => `${process_id}\n`).join('')));
    return 0;
  },
});

async function end(client: Client, ids: readonly string[], values: Values<typeof OPTIONS>): Promise<readonly { readonly process_id: string }[]> {
  const { name, signal, grace } = values;
  const how: KillHow = { ...(signal === undefined ? {} : { signal }), ...(grace === undefined ? {} : { grace_seconds: parseDuration(grace) }) };
  if (ids.length > 0) return Promise.all(ids.map((id) => client.kill(id, how)));
  return (await client.killMany(name === undefined ? { all: true } : { name }, how)).stopped;
}
