import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { explain } from '../../../src/cli/report.ts';
import { UsageError } from '../../../src/cli/usage.ts';
import { AuthenticationError, ConnectionError, ServerError } from '../../../src/client/errors.ts';
import { CoracleError } from '../../../src/errors.ts';
import { SetupError } from '../../../src/setup/steps.ts';

const DETAILS = { code: 'X', status: 0, requestId: undefined, details: {}, retryAfterSeconds: undefined };
const thrown = (work: () => unknown) => {
  try {
    work();
  } catch (error) {
    return error;
  }
};

describe('what the command line says of an error', () => {
  it.each([
    [new UsageError('do so'), 2, /^do so$/],
    [thrown(() => z.string().parse(1)), 2, /expected string/],
    [new CoracleError('CONFIG_INVALID', 'set it'), 1, /^set it$/],
    [new SetupError('install it'), 1, /^install it$/],
    [new ServerError('later', DETAILS), 1, /^later$/],
    [new AuthenticationError('Bad.', DETAILS), 1, /^Bad\. Set CORACLE_TOKEN/],
    [new ConnectionError('No answer.', undefined), 1, /^No answer\. .*CORACLE_URL/],
    [Object.assign(new Error('listen EADDRINUSE'), { code: 'EADDRINUSE' }), 1, /set CORACLE_PORT/],
    [thrown(() => readFileSync('/nonexistent')), 1, /^ENOENT: .*nonexistent'$/],
  ])('%s', (error, exitCode, text) => {
    expect(explain(error)).toEqual({ exitCode, text: expect.stringMatching(text) });
  });

  it('is nothing when its reader has left', () => {
    expect(explain(Object.assign(new Error('write EPIPE'), { code: 'EPIPE', syscall: 'write' }))).toEqual({ text: '', exitCode: 141, isWithoutReader: true });
  });

  it('is where it came from when it should not happen', () => {
    expect(explain(new TypeError('oh')).text).toMatch(/TypeError: oh\n +at /);
  });
});
