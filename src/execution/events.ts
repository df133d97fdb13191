import { EventEmitter } from 'node:events';
import type { ProcessRecord, Scope } from '../process/record.ts';

/** A record that has just been added or has changed its status, as it is on disk. */
export type StatusListener = (record: ProcessRecord) => void;

export type Unsubscribe = () => void;

/**
 * Wakes whoever waits inside this server. It keeps nothing and promises nothing: what is true is read from the store and the output, and who subscribes
 * before reading misses nothing. Listeners are called in the middle of somebody else's work: they must be quick and must not throw.
 */
export interface Events {
  publishStatus(record: ProcessRecord): void;
  publishOutput(id: string): void;
  /** Every status change of this server. */
  onStatus(listener: StatusListener): Unsubscribe;
  onStatusOf(id: string, listener: StatusListener): Unsubscribe;
  onStatusIn(scope: Scope, listener: StatusListener): Unsubscribe;
  /** A process has written something, and readers see it. */
  onOutputOf(id: string, listener: () => void): Unsubscribe;
}

export function createEvents(): Events {
  const emitter = new EventEmitter();
  // As many as there are clients.
  emitter.setMaxListeners(0);

  function on(topic: string, listener: StatusListener): Unsubscribe {
    emitter.on(topic, listener);
    return () => emitter.off(topic, listener);
  }

  return {
    publishStatus(record) {
      for (const topic of ['status', statusOf(record.id), statusIn(record.scope)]) emitter.emit(topic, record);
    },
    publishOutput: (id) => void emitter.emit(outputOf(id)),
    onStatus: (listener) => on('status', listener),
    onStatusOf: (id, listener) => on(statusOf(id), listener),
    onStatusIn: (scope, listener) => on(statusIn(scope), listener),
    onOutputOf: (id, listener) => on(outputOf(id), listener),
  };
}

const statusOf = (id: string) => `status of ${id}`;
const statusIn = ({ tenant, sandbox }: Scope) => `status in ${tenant} ${sandbox}`;
const outputOf = (id: string) => `output of ${id}`;
