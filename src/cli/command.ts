import { type ParseArgsConfig, parseArgs } from 'node:util';
import { UsageError } from './usage.ts';

/** One option of a command, as parseArgs takes it and `--help` shows it. */
export interface Option {
  readonly type: 'string' | 'boolean';
  readonly short?: string;
  /** May be given several times. */
  readonly multiple?: boolean;
  /** What stands for its value in `--help`, as in `--tenant NAME`. */
  readonly value?: string;
  /** One line. */
  readonly help: string;
}

export type Options = Readonly<Record<string, Option>>;

type ValueOf<O extends Option> = O extends { readonly type: 'boolean' } ? boolean : O extends { readonly multiple: true } ? string[] : string;

export type Values<O extends Options> = { readonly [Name in keyof O]?: ValueOf<O[Name]> | undefined };

export interface Invocation<O extends Options = Options> {
  readonly values: Values<O>;
  readonly positionals: readonly string[];
}

/** A subcommand of `coracle`. Each has a file of its own in this folder, and a line in commands.ts. */
export interface Command<O extends Options = Options> {
  /** What follows its name, as in `[options] FILE [ARGUMENT…]`. */
  readonly synopsis: string;
  /** Sentences on what it does, for `--help`. */
  readonly description: string;
  readonly options: O;
  readonly examples: readonly string[];
  /** How many arguments it takes at most; more are refused. */
  readonly mostArguments: number;
  /** Everything after the first argument belongs to the program that is run, options too. */
  readonly leavesRest?: true;
  /** Its exit code when it fails itself, where it else exits as a program did; by default 1, and 2 for wrong words. */
  readonly failureCode?: number;
  /** Answers the exit code. */
  run(invocation: Invocation<O>): Promise<number>;
}

/** Infers what `run` gets from `options`. */
export function defineCommand<const O extends Options>(command: Command<O>): Command {
  return command as unknown as Command;
}

const HELP: Option = { type: 'boolean', short: 'h', help: 'show this' };

/** Splits the words after the command's name. Throws UsageError, or parseArgs' own error, for words that are off. */
export function parseCommand(command: Command, words: readonly string[]): Invocation & { readonly isHelp: boolean } {
  const options = withHelp(command.options);
  const end = command.leavesRest ? firstArgument(options, words) : words.length;
  const { values, positionals } = parseArgs({ args: words.slice(0, end), options: options as ParseArgsConfig['options'] & object, allowPositionals: true });
  const given = [...positionals, ...words.slice(end)];
  if (given.length > command.mostArguments) throw new UsageError(`what is "${given[command.mostArguments]}"?`);
  const { help, ...own } = values;
  return { values: own as Values<Options>, positionals: given, isHelp: help === true };
}

export function withHelp(options: Options): Options {
  return { ...options, help: HELP };
}

function firstArgument(options: Options, words: readonly string[]): number {
  const { tokens } = parseArgs({ args: [...words], options: options as ParseArgsConfig['options'] & object, strict: false, tokens: true });
  const first = tokens.find(({ kind }) => kind === 'positional');
  return first?.index ?? words.length;
}
