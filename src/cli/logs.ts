import type { ProcessEvent } from '../client/following.ts';
import { defineCommand } from './command.ts';
import { connect } from './connect.ts';
import { print } from './print.ts';
import { show } from './run/show.ts';
import { CONNECTION } from './settings.ts';
import { UsageError } from './usage.ts';

const STREAMS = ['stdout', 'stderr'] as const;

export const command = defineCommand({
  synopsis: 'ID [options]',
  description: `Prints what a process has printed, byte for byte: its standard output on standard output, its standard error on standard error.
With -f also what it prints from then on, until it ends; over restarts of the server, too.`,
  options: {
    follow: { type: 'boolean', short: 'f', help: 'go on until the process has ended' },
    stream: { type: 'string', value: 'NAME', help: 'only stdout, or only stderr' },
    json: { type: 'boolean', help: 'with -f: print each event, status changes too, as a line of JSON' },
    ...CONNECTION,
  },
  examples: ['coracle logs -f proc_aUwWk3oXyYh2sFf0tB8yLg', 'coracle logs --stream stdout proc_aUwWk3oXyYh2sFf0tB8yLg > output.bin'],
  mostArguments: 1,
  async run({ values, positionals: [id] }) {
    if (id === undefined) throw new UsageError('say which process: coracle logs ID');
    if (values.json && (!values.follow || values.stream)) throw new UsageError('--json goes with -f, and without --stream');
    const stream = STREAMS.find((name) => name === values.stream);
    if (values.stream !== undefined && stream === undefined) throw new UsageError(`there is no stream "${values.stream}": stdout or stderr`);
    const client = await connect(values);
    if (values.json) for await (const event of client.events(id)) await print(`${JSON.stringify(asText(event))}\n`);
    else if (values.follow) await show(client, id, { stream });
    else {
      const { stdout_bytes, stderr_bytes } = await client.get(id);
      await show(client, id, { stream, until: stdout_bytes + stderr_bytes });
    }
    return 0;
  },
});

/** Bytes that are no UTF-8 are written as base64, as the API does. */
function asText(event: ProcessEvent): object {
  if (event.type !== 'output') return event;
  try {
    return { ...event, data: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(event.data) };
  } catch {
    return { ...event, data: Buffer.from(event.data).toString('base64'), encoding: 'base64' };
  }
}
