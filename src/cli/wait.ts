import { defineCommand } from './command.ts';
import { connect } from './connect.ts';
import { outcomeOf } from './describe.ts';
import { exitCodeOf, OWN_FAILURE } from './exit-code.ts';
import { print, printJson } from './print.ts';
import { CONNECTION } from './settings.ts';
import { UsageError } from './usage.ts';

export const command = defineCommand({
  synopsis: 'ID [options]',
  description: `Waits until a process has ended, prints how, and exits with its exit code: 124 after its time-out, 125 when it could not be
started or was lost, or when coracle itself failed. It holds on while the server restarts.`,
  options: {
    json: { type: 'boolean', help: 'print the process as JSON' },
    ...CONNECTION,
  },
  examples: ['coracle wait proc_aUwWk3oXyYh2sFf0tB8yLg', 'id=$(coracle run --detach job.py) && coracle wait $id'],
  mostArguments: 1,
  failureCode: OWN_FAILURE,
  async run({ values, positionals: [id] }) {
    if (id === undefined) throw new UsageError('say which process: coracle wait ID');
    const process = await (await connect(values)).wait(id);
    if (values.json) await printJson(process);
    else await print(`${outcomeOf(process)}\n`);
    return exitCodeOf(process);
  },
});
