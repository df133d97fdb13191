import type { FastifyInstance, FastifyReply } from 'fastify';

declare module 'fastify' {
  interface FastifyReply {
    /** Aborted when nobody waits for this answer any more: it was sent, the client has left, or the server shuts down and asks for what there is. */
    readonly gone: AbortSignal;
  }
}

/** For answers that may take long: gives every reply its `gone`, which costs nothing until it is asked for. */
export function installGone(app: FastifyInstance): void {
  const signals = new WeakMap<FastifyReply, AbortSignal>();
  const waiting = new Set<AbortController>();
  let isClosing = false;

  function watch(reply: FastifyReply): AbortSignal {
    const controller = new AbortController();
    waiting.add(controller);
    reply.raw.once('close', () => {
      waiting.delete(controller);
      controller.abort();
    });
    if (isClosing || reply.raw.closed) controller.abort();
    signals.set(reply, controller.signal);
    return controller.signal;
  }

  app.addHook('preClose', async () => {
    isClosing = true;
    for (const controller of waiting) controller.abort();
  });
  app.decorateReply('gone', {
    getter() {
      return signals.get(this) ?? watch(this);
    },
  });
}
