import { LEAKS, wrongErrorShape } from '../judge.ts';
import { type Frame, OPCODE } from './frames.ts';
import type { SocketAnswer } from './play.ts';
import type { SocketScript } from './scripts.ts';

/** Of the protocol's own, that a client has broken it or sent too much; of ours, that it is over, came to nothing or cannot be now. */
const CLOSE_CODES = new Set([1000, 1002, 1003, 1007, 1008, 1009, 1013]);

/** Says what is wrong with what a server did in a conversation. */
export function judgeSocket(script: SocketScript, answer: SocketAnswer): string | undefined {
  if (answer.status >= 500) return `answered ${answer.status}`;
  if (answer.status === 101) return wrongFrames(script, answer);
  return answer.status >= 400 && !script.head.startsWith('HEAD') && !script.head.startsWith('OPTIONS') ? wrongErrorShape(script.path, answer) : undefined;
}

function wrongFrames(script: SocketScript, { frames }: SocketAnswer): string | undefined {
  const closed = frames.findIndex(({ opcode }) => opcode === OPCODE.close);
  if (closed >= 0 && closed < frames.length - 1) return 'sent something after its close';
  return frames.map((frame) => wrongFrame(script, frame)).find(Boolean);
}

function wrongFrame(script: SocketScript, { opcode, payload, reserved, isFinal }: Frame): string | undefined {
  if (reserved !== 0 || !isFinal) return 'sent a frame with bits of extensions, or a part';
  if (opcode === OPCODE.text) return wrongMessage(script, payload);
  if (opcode === OPCODE.close) return wrongClose(script, payload);
  return opcode === OPCODE.ping || opcode === OPCODE.pong ? undefined : `sent a frame of kind ${opcode}`;
}

function wrongMessage({ route }: SocketScript, payload: Buffer): string | undefined {
  const text = payload.toString();
  if (LEAKS.test(text)) return `tells of what is inside: ${text.slice(0, 300)}`;
  const parsed = route.says.safeParse(JSON.parse(text));
  return parsed.success ? undefined : `said what is not in the contract: ${text.slice(0, 300)}`;
}

/** A client's own code is sent back to it. */
function wrongClose({ closing }: SocketScript, payload: Buffer): string | undefined {
  if (payload.length === 0) return undefined;
  const code = payload.readUInt16BE(0);
  return CLOSE_CODES.has(code) || isCodeOf(closing, code) ? undefined : `closed with ${code}`;
}

/** The frame has a mask of four bytes after its two first. */
function isCodeOf(closing: Buffer, code: number): boolean {
  return closing.length >= 8 && ((closing.readUInt8(6) ^ closing.readUInt8(2)) << 8) + (closing.readUInt8(7) ^ closing.readUInt8(3)) === code;
}
