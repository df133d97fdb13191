import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { PROJECT_ROOT } from '../version.ts';
import type { Options, Values } from './command.ts';
import { UsageError } from './usage.ts';

/** Options of every command that calls a server. */
export const CONNECTION = {
  url: { type: 'string', value: 'URL', help: 'the server; CORACLE_URL or http://127.0.0.1:7777 when not given' },
  token: { type: 'string', value: 'TOKEN', help: 'CORACLE_TOKEN, or on the machine of the server one made with its secret' },
  tenant: { type: 'string', value: 'NAME', help: 'whose token is made there; CORACLE_TENANT or "demo" when not given' },
  sandbox: { type: 'string', value: 'NAME', help: 'of the token that is made; CORACLE_SANDBOX or "default" when not given' },
} as const satisfies Options;

export interface Settings {
  readonly url: string;
  /** Undefined: none was given. */
  readonly token: string | undefined;
  readonly tenant: string;
  readonly sandbox: string | undefined;
  /** Where the server of this machine keeps its secret, if it is one of ours. */
  readonly dataDirs: readonly string[];
}

const NAMES = ['url', 'token', 'tenant', 'sandbox'] as const;
const DEFAULT_PORT = '7777';
export const DEFAULT_URL = `http://127.0.0.1:${DEFAULT_PORT}`;

/** Flags go before the environment, and that before the config file. Throws UsageError for a config file that cannot be used. */
export function readSettings(flags: Values<typeof CONNECTION>, env: NodeJS.ProcessEnv = process.env): Settings {
  const file = readConfigFile(configPath(env));
  const [url, token, tenant, sandbox] = NAMES.map((name) => flags[name] ?? (env[`CORACLE_${name.toUpperCase()}`] || file[name]));
  return {
    url: checkedUrl(url ?? `http://127.0.0.1:${env['CORACLE_PORT'] || DEFAULT_PORT}`),
    token,
    tenant: tenant ?? 'demo',
    sandbox,
    dataDirs: [...new Set([resolve(env['CORACLE_DATA_DIR'] || '.coracle'), join(PROJECT_ROOT, '.coracle')])],
  };
}

function checkedUrl(text: string): string {
  if (/^https?:$/.test(URL.parse(text)?.protocol ?? '')) return text;
  throw new UsageError(`"${text}" is no address of a server: write it as in ${DEFAULT_URL}`);
}

export function configPath(env: NodeJS.ProcessEnv = process.env): string {
  return join(env['XDG_CONFIG_HOME'] || join(homedir(), '.config'), 'coracle', 'config.json');
}

function readConfigFile(path: string): Partial<Record<(typeof NAMES)[number], string>> {
  if (!existsSync(path)) return {};
  const file = parse(path);
  for (const [name, value] of Object.entries(file)) {
    if (!NAMES.some((known) => known === name)) throw new UsageError(`${path}: there is no setting "${name}". Use ${NAMES.join(', ')}.`);
    if (typeof value !== 'string') throw new UsageError(`${path}: "${name}" must be a string.`);
  }
  return file;
}

function parse(path: string): object {
  try {
    const value: unknown = JSON.parse(readFileSync(path, 'utf8'));
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  } catch (error) {
    throw new UsageError(`${path} cannot be read: ${(error as Error).message}`);
  }
  throw new UsageError(`${path} must hold an object, as in {"url": "https://coracle.example", "token": "…"}.`);
}
