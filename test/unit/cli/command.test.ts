import { describe, expect, it } from 'vitest';
import { defineCommand, parseCommand } from '../../../src/cli/command.ts';
import { COMMANDS } from '../../../src/cli/commands.ts';
import { helpOf, overview } from '../../../src/cli/help.ts';
import { UsageError } from '../../../src/cli/usage.ts';

const command = defineCommand({
  synopsis: '[options] FILE [ARGUMENT…]',
  description: 'Does something.',
  options: {
    lang: { type: 'string', short: 'l', value: 'NAME', help: 'the language' },
    env: { type: 'string', multiple: true, value: 'NAME=VALUE', help: 'a variable' },
    detach: { type: 'boolean', short: 'd', help: 'do not wait' },
  },
  examples: ['coracle do it'],
  mostArguments: 3,
  run: async () => 0,
});
const running = { ...command, leavesRest: true as const };

describe('the words of a command', () => {
  it('are options and arguments in any order', () => {
    expect(parseCommand(command, ['a', '-d', '--env', 'A=1', 'b', '--env=B=2'])).toMatchObject({
      values: { detach: true, env: ['A=1', 'B=2'] },
      positionals: ['a', 'b'],
      isHelp: false,
    });
  });

  it.each([
    [['x.py', '--detach'], {}, ['x.py', '--detach']],
    [['-d', '--lang', 'python', 'x.py', '-h'], { detach: true, lang: 'python' }, ['x.py', '-h']],
    [['-l', 'python', '--', '-x', '-d'], { lang: 'python' }, ['-x', '-d']],
    [['-dl', 'python', '-', '--', 'a'], { detach: true, lang: 'python' }, ['-', '--', 'a']],
    [['--env=A=1'], { env: ['A=1'] }, []],
  ])('%j leave what follows the first argument to the program', (words, values, positionals) => {
    expect(parseCommand(running, words)).toMatchObject({ values, positionals, isHelp: false });
  });

  it('ask for help anywhere among the options', () => {
    expect(parseCommand(command, ['a', '--help']).isHelp).toBe(true);
    expect(parseCommand(running, ['-h']).isHelp).toBe(true);
  });

  it('are refused when there are too many, or when they are unknown', () => {
    expect(() => parseCommand(command, ['1', '2', '3', 'four'])).toThrow(UsageError);
    expect(() => parseCommand(command, ['--no-such'])).toThrow(/--no-such/);
    expect(() => parseCommand(command, ['--lang'])).toThrow(/--lang/);
  });
});

describe('help', () => {
  it('lines up options with what they do', () => {
    expect(helpOf('do', command)).toBe(`Usage: coracle do [options] FILE [ARGUMENT…]

Does something.

Options:
  -l, --lang NAME       the language
      --env NAME=VALUE  a variable
  -d, --detach          do not wait
  -h, --help            show this

Examples:
  coracle do it
`);
  });

  it('names every command', () => {
    for (const name of Object.keys(COMMANDS)) expect(overview()).toMatch(new RegExp(`^  ${name} +\\w`, 'm'));
  });

  it.each(Object.entries(COMMANDS))('of %s shows examples of its own, and keeps to a line each', async (name, { load }) => {
    const help = helpOf(name, (await load()).command);
    expect(help).toContain(`  coracle ${name}`);
    for (const line of help.split('\n')) expect(line.length).toBeLessThanOrEqual(160);
  });
});
