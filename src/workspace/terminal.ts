import type { RunningContainer } from '../engine/container-engine.ts';
import type { LanguageRegistry } from '../languages/registry.ts';
import type { Scope } from '../process/record.ts';
import { createGate } from '../tenancy/gate.ts';
import type { Helpers } from './helpers.ts';

export interface TerminalSize {
  /** 1 to 1,000 each. */
  readonly cols: number;
  readonly rows: number;
}

export interface Terminal {
  /** What it shows; pull it, a slow reader slows what runs in it. */
  readonly output: AsyncIterable<Uint8Array>;
  /** Resolves when it has ended: the shell's exit code, -1 when nobody knows it. */
  readonly exit: Promise<number>;
  type(data: Uint8Array): Promise<void>;
  resize(size: TerminalSize): Promise<void>;
  /** Ends it and everything in it. Idempotent. */
  close(): Promise<void>;
}

/** A shell in a terminal, in a container of the sandbox; it ends with the signal. */
export type OpenTerminal = (request: { readonly scope: Scope; readonly size: TerminalSize; readonly signal: AbortSignal }) => Promise<Terminal>;

const TERMINALS = { all: 16, perTenant: () => 4, waiting: 0 };
const PROGRAM = ['/usr/bin/python3', '/opt/coracle/terminal.py'];
const SHELL = ['/bin/bash', '-l'];

export function createOpenTerminal({ helpers, languages }: { helpers: Helpers; languages: LanguageRegistry }): OpenTerminal {
  const gate = createGate(TERMINALS);
  return async ({ scope, size, signal }) => {
    const { image, env } = languages.resolve(languages.ofCommands);
    const run = [...PROGRAM, sizeText(size), ...SHELL];
    const helper = await helpers.start({ scope, image, run, env: { ...env, TERM: 'xterm-256color' }, asProcess: true, gate, signal });
    const { container, dispose } = helper;
    const close = () => void dispose();
    signal.addEventListener('abort', close, { once: true });
    if (signal.aborted) close();
    return {
      output: shown(container),
      exit: container.exit.then((how) => (how.kind === 'exited' ? how.exitCode : -1)),
      type: (data) => container.stdin.write(frame('d', data)),
      resize: (next) => container.stdin.write(frame('r', Buffer.from(sizeText(next)))),
      async close() {
        signal.removeEventListener('abort', close);
        await dispose();
      },
    };
  };
}

const sizeText = ({ cols, rows }: TerminalSize) => `${cols} ${rows}`;

/** As images/python/terminal.py reads it. */
function frame(kind: 'd' | 'r', data: Uint8Array): Uint8Array {
  const head = Buffer.alloc(5);
  head.write(kind);
  head.writeUInt32BE(data.length, 1);
  return Buffer.concat([head, data]);
}

async function* shown({ output }: RunningContainer): AsyncGenerator<Uint8Array> {
  for await (const frames of output) for (const { data } of frames) yield Buffer.from(data);
}
