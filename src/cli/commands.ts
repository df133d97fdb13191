import type { Command } from './command.ts';

export interface CommandEntry {
  /** One line of `coracle --help`. */
  readonly summary: string;
  /** Loaded when it is called, so that a small command does not wait for the server's code. */
  readonly load: () => Promise<{ readonly command: Command }>;
}

/** Every subcommand, in the order of `coracle --help`. */
export const COMMANDS: Readonly<Record<string, CommandEntry>> = {
  serve: { summary: 'start the server', load: () => import('./serve.ts') },
  run: { summary: 'run a program, and behave like it', load: () => import('./run.ts') },
  ps: { summary: 'list processes', load: () => import('./ps.ts') },
  logs: { summary: 'print what a process prints', load: () => import('./logs.ts') },
  wait: { summary: 'wait for the end of a process, and exit as it did', load: () => import('./wait.ts') },
  kill: { summary: 'end processes', load: () => import('./kill.ts') },
  cp: { summary: 'copy files to and from the sandbox', load: () => import('./cp.ts') },
  token: { summary: 'print a token for a tenant', load: () => import('./token.ts') },
  keys: { summary: 'create, list and revoke API keys of tenants', load: () => import('./keys.ts') },
  doctor: { summary: 'look whether the container engine is safe to use', load: () => import('./doctor.ts') },
  images: { summary: 'show and build the images of the languages', load: () => import('./images.ts') },
};
