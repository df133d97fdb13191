import { expect, test } from 'vitest';
import { closePayload, encodeFrame, type Frame, OPCODE } from '../../../fuzz/sockets/frames.ts';
import { judgeSocket } from '../../../fuzz/sockets/judge.ts';
import type { SocketAnswer } from '../../../fuzz/sockets/play.ts';
import { SOCKET_ROUTES } from '../../../fuzz/sockets/routes.ts';
import type { SocketScript } from '../../../fuzz/sockets/scripts.ts';

const [route] = SOCKET_ROUTES;
const closing = encodeFrame(OPCODE.close, closePayload(4_000));
const script: SocketScript = { route, path: route.path, head: 'GET /', pieces: [], isHasty: false, leaving: 'close', closing, times: 1 };
const frame = (opcode: number, payload: Buffer, odd: Partial<Frame> = {}): Frame => ({ opcode, payload, isFinal: true, reserved: 0, ...odd });
const said = (message: object) => frame(OPCODE.text, Buffer.from(JSON.stringify(message)));
const closed = (code: number) => frame(OPCODE.close, closePayload(code));
const upgraded = (...frames: Frame[]): SocketAnswer => ({ status: 101, headers: {}, body: '', frames });
const refused = (status: number, body: string): SocketAnswer => ({ status, headers: { 'x-request-id': 'req_1' }, body, frames: [] });

const timestamp = new Date().toISOString();
const complete = said({ type: 'complete', success: true });
const error = { error: 'e', code: 'C', message: 'm', details: {}, request_id: 'req_1', timestamp };

test.each([
  ['nothing', upgraded()],
  ['its messages, and a good end', upgraded(said({ type: 'stdout', data: 'x', timestamp }), complete, closed(1000))],
  ['a client that broke the protocol', upgraded(closed(1002))],
  ["a client's own code, sent back", upgraded(closed(4_000))],
  ['a refusal in the shape of errors', refused(401, JSON.stringify(error))],
])('%s is right', (_title, answer) => {
  expect(judgeSocket(script, answer)).toBeUndefined();
});

test.each([
  ['a fault of the server', refused(503, JSON.stringify(error)), 'answered 503'],
  ['a refusal of another shape', refused(400, 'Invalid Upgrade header'), 'another shape'],
  ['a message of no kind', upgraded(said({ type: 'other' })), 'not in the contract'],
  ['a message with more in it', upgraded(said({ type: 'complete', success: true, cause: {} })), 'not in the contract'],
  ['a word of what is inside', upgraded(said({ type: 'error', error: 'connect ECONNREFUSED', code: 'C', timestamp })), 'inside'],
  ['an end by a fault', upgraded(closed(1011)), 'closed with 1011'],
  ['a message after the end', upgraded(closed(1000), complete), 'after its close'],
  ['a frame of an extension', upgraded(frame(OPCODE.text, Buffer.from('{}'), { reserved: 4 })), 'extensions'],
  ['a frame of bytes', upgraded(frame(OPCODE.binary, Buffer.from('{}'))), 'kind 2'],
])('%s is wrong', (_title, answer, problem) => {
  expect(judgeSocket(script, answer)).toContain(problem);
});
