import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import type { Scope } from '../../process/record.ts';
import { readChanges } from '../../workspace/changes.ts';
import type { Workspace } from '../../workspace/workspace.ts';
import { presentError } from '../errors.ts';
import { watchMessage } from '../schemas/sockets.ts';
import { openSession, type Session } from '../sockets/session.ts';

/** A client that is connected and watches nothing. */
const PATIENCE_MS = 30_000;

export function watchRoutes({ workspace }: { workspace: Workspace }): FastifyPluginAsyncZod {
  return async (app) => {
    app.get('/files/watch', { schema, config: { scope: 'files', isSocket: true }, websocket: true }, (socket, { scope }) => {
      const session = openSession({ socket, onInvalid: (problem) => void tell(session, 'INVALID_REQUEST', `${problem}.`) });
      const patience = setTimeout(() => session.close(1008, 'nothing to watch'), PATIENCE_MS);
      session.signal.addEventListener('abort', () => clearTimeout(patience));
      session.receive(watchMessage, async ({ path }) => {
        clearTimeout(patience);
        void watch(workspace, session, { scope, path }).catch((error) => {
          const { code, message } = presentError(error);
          return tell(session, code, message);
        });
      });
    });
  };
}

async function watch(workspace: Workspace, session: Session, { scope, path }: { scope: Scope; path: string }): Promise<void> {
  for await (const changes of readChanges(await workspace.watch({ scope, path, signal: session.signal }))) {
    for (const { event, path: changed, oldPath } of changes) {
      const old = oldPath === undefined ? {} : { old_path: oldPath };
      await session.send({ type: 'change', path: changed, event, ...old, timestamp: new Date().toISOString() });
    }
  }
}

function tell(session: Session, code: string, error: string): Promise<void> {
  return session.send({ type: 'error', error, code, timestamp: new Date().toISOString() });
}

const schema = {
  summary: 'Watch files over a WebSocket',
  description:
    'The client sends {action: "watch", path}; the server sends {type: "change", path, event, timestamp} for whatever changes there and below, whoever changes it: event is created, modified, deleted or renamed (with old_path).',
  tags: ['files'],
};
