import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from './config.ts';
import { CoracleError } from './errors.ts';

const FILE = 'jwt-secret';
const LEAST_BYTES = 32;

export interface Secret {
  readonly value: string;
  /** Where it was generated just now, for the server to say so. */
  readonly generatedAt: string | undefined;
}

/** The configured secret, or the one in the data folder, made there with mode 0600 when there is none. The folder exists. */
export function readSecret({ jwtSecret, dataDir }: Config): Secret {
  if (jwtSecret !== undefined) return { value: jwtSecret, generatedAt: undefined };
  const path = join(dataDir, FILE);
  try {
    // "wx" leaves the decision who generates it to the file system when two start at once.
    writeFileSync(path, randomBytes(48).toString('base64url'), { mode: 0o600, flag: 'wx' });
    return { value: readFileSync(path, 'utf8'), generatedAt: path };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return { value: checked(readFileSync(path, 'utf8').trim(), path), generatedAt: undefined };
  }
}

function checked(value: string, path: string): string {
  if (Buffer.byteLength(value) >= LEAST_BYTES) return value;
  throw new CoracleError(
    'CONFIG_INVALID',
    `The secret in ${path} has fewer than ${LEAST_BYTES} bytes. Delete the file to have one generated; tokens signed with it stop working.`,
  );
}
