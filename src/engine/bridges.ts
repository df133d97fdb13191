import { createHash } from 'node:crypto';

const LETTERS = 'abcdefghijklmnopqrstuvwxyz234567';
/** Two servers of one machine meet with a chance of 2^-30, two sandboxes of one server with 2^-35. */
const LENGTHS = { instance: 6, sandbox: 7 };

/** What the name of every bridge of a server's instance begins with, so that a rule can speak of all of them. */
export function bridgePrefix(instance: string): string {
  return `cr${shortHash(instance, LENGTHS.instance)}`;
}

/** The kernel's name for the bridge of a sandbox: at most 15 characters. */
export function bridgeName(instance: string, sandboxId: string): string {
  return bridgePrefix(instance) + shortHash(sandboxId, LENGTHS.sandbox);
}

function shortHash(text: string, length: number): string {
  return [...createHash('sha256').update(text).digest().subarray(0, length)].map((byte) => LETTERS[byte % LETTERS.length]).join('');
}
