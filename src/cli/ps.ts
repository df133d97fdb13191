import type { ListedProcess } from '../client/types.ts';
import { defineCommand } from './command.ts';
import { connect } from './connect.ts';
import { PROCESS_HEAD, processRow } from './describe.ts';
import { printJson, printTable } from './print.ts';
import { CONNECTION } from './settings.ts';
import { UsageError } from './usage.ts';

const DEFAULT_LIMIT = 20;

export const command = defineCommand({
  synopsis: '[options]',
  description: `Lists the processes of the sandbox, newest first. On a terminal as a table; elsewhere each a line with tabs between
its id, name, language, status, exit code, seconds of running and age.`,
  options: {
    limit: { type: 'string', short: 'n', value: 'NUMBER', help: `how many at most; ${DEFAULT_LIMIT} when not given` },
    all: { type: 'boolean', short: 'a', help: 'all of them' },
    json: { type: 'boolean', help: 'print JSON, as the API has it' },
    ...CONNECTION,
  },
  examples: ['coracle ps', 'coracle ps --all --json', "coracle ps -n 1 | cut -f 1    # the newest process's id"],
  mostArguments: 0,
  async run({ values }) {
    const limit = values.all ? Number.POSITIVE_INFINITY : parseLimit(values.limit);
    const client = await connect(values);
    const processes: ListedProcess[] = [];
    for await (const process of client.listAll({ limit: Math.min(limit, 1_000) })) {
      processes.push(process);
      if (processes.length >= limit) break;
    }
    if (values.json) await printJson(processes);
    else
      await printTable(
        PROCESS_HEAD,
        processes.map((process) => processRow(process)),
      );
    return 0;
  },
});

function parseLimit(text = String(DEFAULT_LIMIT)): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new UsageError(`"${text}" is no number of processes`);
}
