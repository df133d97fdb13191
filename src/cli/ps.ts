import type { ListedProcess, ListQuery } from '../client/types.ts';
import { STATUSES } from '../process/status.ts';
import { defineCommand } from './command.ts';
import { connect } from './connect.ts';
import { PROCESS_HEAD, processRow } from './describe.ts';
import { parseDuration } from './duration.ts';
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
    status: { type: 'string', short: 's', multiple: true, value: 'STATUS', help: `only those that are ${STATUSES.join(', ')}` },
    name: { type: 'string', value: 'TEXT', help: 'only those of this name' },
    lang: { type: 'string', short: 'l', value: 'NAME', help: 'only those in this language' },
    since: { type: 'string', value: 'TIME', help: 'only those of the last 30m, 24h, 7d, or since a time as in 2026-01-31T12:00:00Z' },
    json: { type: 'boolean', help: 'print JSON, as the API has it' },
    ...CONNECTION,
  },
  examples: ['coracle ps --status running', 'coracle ps --all --since 24h --json', "coracle ps -n 1 | cut -f 1    # the newest process's id"],
  mostArguments: 0,
  async run({ values }) {
    const limit = values.all ? Number.POSITIVE_INFINITY : parseLimit(values.limit);
    const client = await connect(values);
    const processes: ListedProcess[] = [];
    for await (const process of client.listAll({ ...filters(values), limit: Math.min(limit, 1_000), output: 'none' })) {
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

type Filters = { readonly [Name in 'name' | 'lang' | 'since']?: string | undefined } & { readonly status?: readonly string[] | undefined };

function filters({ status = [], name, lang, since }: Filters): ListQuery {
  const unknown = status.find((word) => !STATUSES.some((known) => known === word));
  if (unknown !== undefined) throw new UsageError(`there is no status "${unknown}": ${STATUSES.join(', ')}`);
  return {
    ...(status.length === 0 ? {} : { status: STATUSES.filter((known) => status.includes(known)) }),
    ...(name === undefined ? {} : { name }),
    ...(lang === undefined ? {} : { language: lang }),
    ...(since === undefined ? {} : { since: parseSince(since) }),
  };
}

/** A time, or so long ago. */
function parseSince(text: string, now = Date.now()): string {
  const time = /^\d{4}-/.test(text) ? Date.parse(text) : now - parseDuration(text) * 1000;
  if (Number.isNaN(time)) throw new UsageError(`"${text}" is no time: write it as in 2026-01-31T12:00:00Z`);
  return new Date(time).toISOString();
}

function parseLimit(text = String(DEFAULT_LIMIT)): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new UsageError(`"${text}" is no number of processes`);
}
