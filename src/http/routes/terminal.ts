import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import type { Scope } from '../../process/record.ts';
import type { OpenTerminal, Terminal } from '../../workspace/terminal.ts';
import { presentError } from '../errors.ts';
import { terminalMessage } from '../schemas/sockets.ts';
import { openSession, type Session } from '../sockets/session.ts';

/** Before the client says how large its window is. */
const SIZE = { cols: 80, rows: 24 };
/** The longest that a terminal lives. */
const MOST_MS = 3_600_000;
const CLOSES_MS = 5_000;

export function terminalRoutes({ openTerminal }: { openTerminal: OpenTerminal }): FastifyPluginAsyncZod {
  return async (app) => {
    app.get('/terminal', { schema, config: { scope: 'processes:write', isSocket: true }, websocket: true }, (socket, { scope }) => {
      const session = openSession({ socket, onInvalid: (problem) => void tell(session, 'INVALID_REQUEST', `${problem}.`) });
      const opening = open(openTerminal, session, scope);
      // What is typed before the terminal is there waits for it.
      session.receive(terminalMessage, async (message) => {
        const terminal = await opening;
        if (message.type === 'input') await terminal?.type(Buffer.from(message.data));
        else await terminal?.resize(message);
      });
    });
  };
}

/** Answers the terminal, which is shown and told of until it ends; undefined when there is none. */
async function open(openTerminal: OpenTerminal, session: Session, scope: Scope): Promise<Terminal | undefined> {
  try {
    const signal = AbortSignal.any([session.signal, AbortSignal.timeout(MOST_MS)]);
    const terminal = await openTerminal({ scope, size: SIZE, signal });
    void show(terminal, session).finally(() => terminal.close());
    return terminal;
  } catch (error) {
    const { code, message } = presentError(error);
    await tell(session, code, message);
    session.close(1013, code);
    return undefined;
  }
}

async function show(terminal: Terminal, session: Session): Promise<void> {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  try {
    for await (const piece of terminal.output) {
      const data = decoder.decode(piece, { stream: true });
      if (data !== '') await session.send({ type: 'output', data });
      if (session.signal.aborted) return;
    }
  } catch {
    // The exit says how it ended.
  }
  await session.send({ type: 'exit', code: await terminal.exit });
  setTimeout(() => session.close(1000, 'exit'), CLOSES_MS).unref();
}

function tell(session: Session, code: string, error: string): Promise<void> {
  return session.send({ type: 'error', error, code, timestamp: new Date().toISOString() });
}

const schema = {
  summary: 'A terminal over a WebSocket',
  description:
    'A shell in the sandbox, for an hour at most. The client sends {type: "input", data} and {type: "resize", cols, rows}; the server sends {type: "output", data} and last {type: "exit", code}.',
  tags: ['commands'],
};
