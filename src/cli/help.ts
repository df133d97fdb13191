import { type Command, type Option, type Options, withHelp } from './command.ts';
import { COMMANDS } from './commands.ts';
import { columns } from './table.ts';

/** What `coracle --help` prints. */
export function overview(): string {
  const rows = Object.entries(COMMANDS).map(([name, { summary }]) => [`  ${name}`, summary]);
  return `coracle: runs untrusted code in the background, each process in its own short-lived container

Usage: coracle COMMAND [options]

${columns(rows)}
Each command tells its options and examples: coracle COMMAND --help
Which version this is: coracle --version

Exit codes: 0 done, 1 failed, 2 wrong words.
`;
}

/** What `coracle COMMAND --help` prints. */
export function helpOf(name: string, { synopsis, description, options, examples }: Command): string {
  return `Usage: coracle ${name} ${synopsis}

${description}

Options:
${columns(optionRows(withHelp(options)))}
Examples:
${examples.map((example) => `  ${example}\n`).join('')}`;
}

function optionRows(options: Options): string[][] {
  return Object.entries(options).map(([name, option]) => [`  ${flags(name, option)}`, option.help]);
}

function flags(name: string, { short, value }: Option): string {
  return `${short ? `-${short}, ` : '    '}--${name}${value ? ` ${value}` : ''}`;
}
