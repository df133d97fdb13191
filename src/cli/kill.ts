import { defineCommand } from './command.ts';
import { connect } from './connect.ts';
import { print, printJson } from './print.ts';
import { CONNECTION } from './settings.ts';
import { UsageError } from './usage.ts';

export const command = defineCommand({
  synopsis: 'ID… [options]',
  description: 'Ends processes and everything that they started: SIGTERM, and SIGKILL after 2 s. It answers when they have ended, and prints their ids.',
  options: {
    json: { type: 'boolean', help: 'print the answers as JSON' },
    ...CONNECTION,
  },
  examples: ['coracle kill proc_aUwWk3oXyYh2sFf0tB8yLg', 'coracle ps | grep running | cut -f 1 | xargs coracle kill'],
  mostArguments: Number.POSITIVE_INFINITY,
  async run({ values, positionals }) {
    if (positionals.length === 0) throw new UsageError('say which process: coracle kill ID');
    const client = await connect(values);
    const replies = await Promise.all(positionals.map((id) => client.kill(id)));
    if (values.json) await printJson(replies);
    else await print(replies.map(({ process_id }) => `${process_id}\n`).join(''));
    return 0;
  },
});
