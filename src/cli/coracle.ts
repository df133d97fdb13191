#!/usr/bin/env node
import { VERSION } from '../version.ts';
import { type Command, parseCommand } from './command.ts';
import { COMMANDS } from './commands.ts';
import { helpOf, overview } from './help.ts';
import { print, write } from './print.ts';
import { UsageError } from './usage.ts';

async function main([name, ...words]: readonly string[]): Promise<number> {
  let command: Command | undefined;
  try {
    const answer = generalAnswer(name);
    if (name === undefined || answer !== undefined) return await printed(answer ?? overview());
    const entry = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
    if (!entry) throw new UsageError(`there is no command "${name}": see coracle --help`);
    ({ command } = await entry.load());
    const { isHelp, ...invocation } = parseCommand(command, words);
    return isHelp ? await printed(helpOf(name, command)) : await command.run(invocation);
  } catch (error) {
    const { explain } = await import('./report.ts');
    const { text, exitCode, isWithoutReader } = explain(error);
    if (!isWithoutReader) await write(process.stderr, `coracle: ${text}\n`).catch(() => undefined);
    return isWithoutReader ? exitCode : (command?.failureCode ?? exitCode);
  }
}

/** What is asked of coracle itself. */
function generalAnswer(word: string | undefined): string | undefined {
  if (word === '--help' || word === '-h' || word === 'help') return overview();
  return word === '--version' || word === '-V' ? `${VERSION}\n` : undefined;
}

async function printed(text: string): Promise<number> {
  await print(text);
  return 0;
}

// A pipe that nobody reads fails the write that meets it; the event beside that has nothing to add.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
// Standard input, or what was asked and is not waited for, must not hold the end up. What was written has been taken: each write is waited for.
process.exit(await main(process.argv.slice(2)));
