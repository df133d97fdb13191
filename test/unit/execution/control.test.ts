import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { ProcessSource } from '../../../src/process/source.ts';
import { createPlace, createServer, outputOf, SCOPE, startServer, untilOver, untilStatus } from '../../support/place.ts';
import { until } from '../../support/until.ts';

const PATIENT = { ms: 60_000, signal: new AbortController().signal };
const OPEN: Partial<ProcessSource> = { stdin: { data: Buffer.from('first '), isClosed: false } };
const input = (text: string, isLast = false) => ({ data: Buffer.from(text), isLast, ...PATIENT });
const conflict = (about: string) => ({ code: 'CONFLICT', message: expect.stringContaining(about) });

test('what is sent comes after what the request has, and end of file when it is said', async () => {
  await using place = await createPlace(() => ({ steps: ['echo input'] }));
  const server = startServer(place);
  const { id } = await server.submit(OPEN);
  expect(await server.control.send(SCOPE, id, input('second '))).toMatchObject({ id });
  await server.control.send(SCOPE, id, input('third', true));
  await untilOver(place, { id });
  expect(await outputOf(place, { id })).toBe('first second third');
});

test('a process that waits for its place is waited for', async () => {
  await using place = await createPlace(() => ({ steps: ['echo input'] }));
  const server = createServer(place);
  const { id } = await server.submit(OPEN);
  const sent = server.control.send(SCOPE, id, input('second', true));
  server.scheduler.open();
  await sent;
  await untilOver(place, { id });
  expect(await outputOf(place, { id })).toBe('first second');
});

test('one that waits for too long is not', async () => {
  await using place = await createPlace();
  const server = createServer(place);
  const { id } = await server.submit(OPEN);
  await expect(server.control.send(SCOPE, id, { ...input(''), ms: 0 })).rejects.toMatchObject(conflict('waits'));
});

test.each([
  ['none was asked for', {}],
  ['it was known whole', { stdin: { data: Buffer.from('x'), isClosed: true } }],
] as const)('the input is closed when %s', async (_when, source) => {
  await using place = await createPlace(() => ({ ends: 'never' }));
  const server = startServer(place);
  const { id } = await server.submit(source);
  await expect(server.control.send(SCOPE, id, input('x'))).rejects.toMatchObject(conflict('closed'));
});

test('the input is closed once it was closed, and when the process has ended', async () => {
  const gate = Promise.withResolvers<void>();
  await using place = await createPlace(() => ({ steps: ['echo input', { wait: gate.promise }] }));
  const server = startServer(place);
  const { id } = await server.submit(OPEN);
  await server.control.send(SCOPE, id, input('', true));
  await expect(server.control.send(SCOPE, id, input('x'))).rejects.toMatchObject(conflict('closed'));
  gate.resolve();
  await untilOver(place, { id });
  await expect(server.control.send(SCOPE, id, input('x'))).rejects.toMatchObject(conflict('ended'));
});

test('another scope has nothing to send to or to signal', async () => {
  await using place = await createPlace(() => ({ ends: 'never' }));
  const server = startServer(place);
  const { id } = await server.submit(OPEN);
  const stranger = { ...SCOPE, tenant: 'globex' };
  expect(await server.control.send(stranger, id, input('x'))).toBeUndefined();
  expect(await server.control.signal(stranger, id, 'SIGTERM')).toBeUndefined();
  expect(await server.control.signal(SCOPE, 'proc_x', 'SIGTERM')).toBeUndefined();
});

test('a signal ends a program that does not catch it, and is its own end', async () => {
  await using place = await createPlace(() => ({ ends: 'never' }));
  const server = startServer(place);
  const { id } = await untilStatus(place, await server.submit(), 'running');
  expect(await server.control.signal(SCOPE, id, 'SIGUSR1')).toMatchObject({ id });
  expect(await untilOver(place, { id })).toMatchObject({ status: 'failed', cause: null, failure: { kind: 'signal' } });
  await expect(server.control.signal(SCOPE, id, 'SIGUSR1')).rejects.toMatchObject(conflict('ended'));
});

test('STOP freezes and CONT lets it go on', async () => {
  const gate = Promise.withResolvers<void>();
  await using place = await createPlace(() => ({ steps: [{ print: 'a' }, { wait: gate.promise }, { print: 'b' }, { print: 'c' }] }));
  const server = startServer(place);
  const { id } = await server.submit();
  await until(async () => (await outputOf(place, { id })) === 'a', 'its first output');
  await server.control.signal(SCOPE, id, 'SIGSTOP');
  gate.resolve();
  for (let turn = 0; turn < 20; turn += 1) await nextTurn();
  expect((await outputOf(place, { id })).length).toBeLessThan(3);
  await server.control.signal(SCOPE, id, 'SIGCONT');
  await untilOver(place, { id });
  expect(await outputOf(place, { id })).toBe('abc');
});

test('one that has not started is not signalled', async () => {
  await using place = await createPlace();
  const server = createServer(place);
  const { id } = await server.submit();
  await expect(server.control.signal(SCOPE, id, 'SIGTERM')).rejects.toMatchObject(conflict('not started'));
});
