import { EventEmitter } from 'node:events';
import { describe, expect, it } from 'vitest';
import { catchSignals, createRelay, type RelayedSignal } from '../../../../src/cli/run/relay-signals.ts';
import { ConflictError, NotFoundError, ServerError } from '../../../../src/client/errors.ts';

const DETAILS = { code: 'X', status: 0, requestId: undefined, details: {}, retryAfterSeconds: undefined };

/** A process that answers each signal with this error, or takes it. */
function processThat(signalFails?: Error, killFails?: Error) {
  const done: string[] = [];
  const act = async (what: string, failure?: Error) => {
    done.push(what);
    if (failure) throw failure;
  };
  return { done, relay: createRelay({ signal: (name) => act(name, signalFails), kill: () => act('kill', killFails) }) };
}

describe('our own signals', () => {
  it.each<[RelayedSignal[], string[]]>([
    [['SIGINT'], ['SIGINT']],
    [
      ['SIGINT', 'SIGINT'],
      ['SIGINT', 'kill'],
    ],
    [
      ['SIGTERM', 'SIGTERM', 'SIGINT'],
      ['SIGTERM', 'SIGTERM', 'SIGINT'],
    ],
    [
      ['SIGUSR1', 'SIGHUP'],
      ['SIGUSR1', 'SIGHUP'],
    ],
  ])('%j do %j to the process', async (signals, done) => {
    const process = processThat();
    for (const signal of signals) await process.relay(signal);
    expect(process.done).toEqual(done);
  });

  it('end one that has not started, where they would have ended it', async () => {
    const waiting = processThat(new ConflictError('not running', DETAILS));
    await waiting.relay('SIGTERM');
    await waiting.relay('SIGUSR1');
    expect(waiting.done).toEqual(['SIGTERM', 'kill', 'SIGUSR1']);
  });

  it('find one that has ended meanwhile without a word, and tell of other failures', async () => {
    await processThat(new NotFoundError('ended', DETAILS)).relay('SIGINT');
    await processThat(new ConflictError('ended', DETAILS), new NotFoundError('ended', DETAILS)).relay('SIGINT');
    await expect(processThat(new ServerError('away', DETAILS)).relay('SIGINT')).rejects.toThrow('away');
  });

  it('that come before there is a process wait for it', () => {
    const own = new EventEmitter();
    const signals = catchSignals(own as unknown as NodeJS.Process);
    const passed: string[] = [];
    own.emit('SIGINT');
    signals.passOn((name) => passed.push(name));
    own.emit('SIGHUP');
    expect(passed).toEqual(['SIGINT', 'SIGHUP']);
  });
});
