import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import type { Kill } from '../../execution/kill.ts';
import type { Submit } from '../../execution/submit.ts';
import type { WatchProcess } from '../../execution/watch-process.ts';
import type { OutputStore } from '../../output/output-store.ts';
import type { ProcessStore } from '../../process/process-store.ts';
import type { Scope } from '../../process/record.ts';
import { isTerminal } from '../../process/status.ts';
import { presentError } from '../errors.ts';
import { presentEnded, presentResult } from '../present-ended.ts';
import { createOutputMessages } from '../present-stream.ts';
import { executeMessage } from '../schemas/sockets.ts';
import type { Sockets } from '../sockets/install.ts';
import { openSession, type Session } from '../sockets/session.ts';
import { toSubmission } from './background.ts';

export interface StreamRoutesDependencies {
  readonly submit: Submit;
  readonly kill: Kill;
  readonly watchProcess: WatchProcess;
  readonly store: ProcessStore;
  readonly outputs: OutputStore;
  readonly sockets: Sockets;
}

/** For a client to say what to execute, and to close the connection after the last message. */
const PATIENCE_MS = 30_000;
const CLOSES_MS = 5_000;
const IDLE_MS = 60_000;

export function streamRoutes(dependencies: StreamRoutesDependencies): FastifyPluginAsyncZod {
  return async (app) => {
    app.get('/execute/stream', { schema, config: { scope: 'processes:write', isSocket: true }, websocket: true }, (socket, { scope, id }) => {
      const session = openSession({ socket, onInvalid: (problem) => void refuse(session, problem) });
      const patience = setTimeout(() => session.close(1008, 'nothing to execute'), PATIENCE_MS);
      session.signal.addEventListener('abort', () => clearTimeout(patience));
      let hasBegun = false;
      session.receive(executeMessage, async (message) => {
        if (hasBegun) return;
        hasBegun = true;
        clearTimeout(patience);
        // Not waited for: the client's close has to be read meanwhile.
        void execute(dependencies, session, { scope, message, requestId: id }).finally(() => closeSoon(session));
      });
    });
  };
}

function closeSoon(session: Session): void {
  setTimeout(() => session.close(1000, 'complete'), CLOSES_MS).unref();
}

async function refuse(session: Session, problem: string): Promise<void> {
  await session.send({ type: 'error', error: `${problem}.`, code: 'INVALID_REQUEST', timestamp: new Date().toISOString() });
  await session.send({ type: 'complete', success: false });
  closeSoon(session);
}

interface Execution {
  readonly scope: Scope;
  readonly message: Parameters<typeof toSubmission>[0];
  readonly requestId: string;
}

/** Whatever happens, a result or an error is sent, and last that it is complete: clients wait for that. */
async function execute(dependencies: StreamRoutesDependencies, session: Session, execution: Execution): Promise<void> {
  try {
    await session.send({ type: 'complete', success: await run(dependencies, session, execution) });
  } catch (error) {
    const { message, code } = presentError(error);
    await session.send({ type: 'error', error: message, code, timestamp: new Date().toISOString() });
    await session.send({ type: 'complete', success: false });
  }
}

/** A process whose client leaves before the end is stopped, as with POST /execute; at a shutdown it goes on. */
async function run(dependencies: StreamRoutesDependencies, session: Session, { scope, message, requestId }: Execution): Promise<boolean> {
  const { submit, kill, watchProcess, store, outputs, sockets } = dependencies;
  const { accepted } = await submit(scope, { ...toSubmission(message), wantsResult: true, requestId });
  const { id } = accepted;
  const output = createOutputMessages();
  const from = { statuses: 0, offset: 0 };
  for await (const events of watchProcess({ scope, id, from, idleMs: IDLE_MS, signal: session.signal })) {
    for (const part of output(events)) await session.send(part);
  }
  const record = await store.find(scope, id);
  if (!record) return false;
  if (!isTerminal(record.status)) {
    if (!sockets.isClosing()) await kill(scope, id, { cause: 'abandoned' });
    return false;
  }
  for (const part of output.end()) await session.send(part);
  const { stdout, stderr, ...ended } = await presentEnded(outputs, record);
  await session.send({ type: 'result', ...ended, ...(await presentResult(outputs, record)) });
  return ended.success;
}

const schema = {
  summary: 'Execute code over a WebSocket, with its output as it comes',
  description:
    'The client sends {type: "execute", code, language, timeout, workdir, env}; the server sends {type: "stdout" or "stderr", data, timestamp}, then {type: "result", exit_code, execution_time, …} or {type: "error", error, code}, and last {type: "complete", success}.',
  tags: ['execute'],
};
