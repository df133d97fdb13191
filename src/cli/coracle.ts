#!/usr/bin/env node
import { parseCommand } from './command.ts';
import { COMMANDS } from './commands.ts';
import { helpOf, overview } from './help.ts';
import { explain } from './report.ts';
import { UsageError } from './usage.ts';

async function run([name, ...words]: readonly string[]): Promise<number> {
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') return print(overview());
  const entry = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (!entry) throw new UsageError(`there is no command "${name}": see coracle --help`);
  const { command } = await entry.load();
  const { isHelp, ...invocation } = parseCommand(command, words);
  if (isHelp) return print(helpOf(name, command));
  return command.run(invocation);
}

function print(text: string): number {
  process.stdout.write(text);
  return 0;
}

run(process.argv.slice(2)).then(
  (exitCode) => {
    process.exitCode = exitCode;
  },
  (error) => {
    const { text, exitCode } = explain(error);
    process.stderr.write(`coracle: ${text}\n`, () => process.exit(exitCode));
  },
);
