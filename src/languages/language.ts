/** How to run code of one language. The file `images/<name>/language.json` says it; adding a language touches no TypeScript. */
export interface Language {
  readonly name: string;
  readonly version: string;
  readonly aliases: readonly string[];
  /** The image it runs in: the name of a folder of `images/`. */
  readonly image: string;
  /** Absolute path that the code is written to, in the container's own `/tmp`. */
  readonly file: string;
  /** Run before `run`, with its output in the process's output; a failure of it ends the process. Empty for none. */
  readonly compile: readonly string[];
  readonly run: readonly string[];
  /** Whether its image is the one that commands run in. */
  readonly runsCommands?: boolean;
  /** In place of `run`, to be told also what the code leaves to be shown; `{mark}` stands for the word that its frames begin with. Empty for a language that cannot tell. */
  readonly show: readonly string[];
  /** Environment of every process of this language; the sandbox's and the request's come on top. */
  readonly env: Readonly<Record<string, string>>;
}
