import { openKeys } from '../compose/keys.ts';
import { readConfig } from '../config.ts';
import { identifier } from '../http/auth/claims.ts';
import { type ApiKey, type ApiKeyStore, newApiKey } from '../tenancy/api-keys.ts';
import { DEFAULT_TOKEN_SCOPES, TOKEN_SCOPES, type TokenScope } from '../tenancy/caller.ts';
import { defineCommand, type Invocation } from './command.ts';
import { type NoteKey, noteKeysIn } from './keys/note.ts';
import { columns } from './table.ts';
import { UsageError } from './usage.ts';

const OPTIONS = {
  tenant: { type: 'string', value: 'NAME', help: 'whose key it is, or whose keys to list' },
  name: { type: 'string', value: 'TEXT', help: 'what the key is for, to tell it from others' },
  scope: { type: 'string', value: 'SCOPES', help: 'what it allows, with spaces between, as in "files processes:read"; all but admin when not given' },
} as const;

type Words = Invocation<typeof OPTIONS>;

/** Makes, shows and revokes API keys, also while the server runs: both use the same store. */
export const command = defineCommand({
  synopsis: 'create --tenant NAME [--name TEXT] [--scope SCOPES] | list [--tenant NAME] | revoke ID',
  description:
    'API keys of tenants, on the data folder of the server, running or not. A key is printed once; only its hash is kept. A revoked one is refused at once.',
  options: OPTIONS,
  examples: ['coracle keys create --tenant acme', 'coracle keys list', 'coracle keys revoke key_3q2-7wAAAAAAAAAAAAAAAA'],
  mostArguments: 2,
  async run(words) {
    const [action = ''] = words.positionals;
    const act = Object.hasOwn(ACTIONS, action) ? ACTIONS[action as keyof typeof ACTIONS] : undefined;
    if (!act) throw new UsageError('say what to do with keys: create, list or revoke');
    const { dataDir, auditLog } = readConfig(process.env);
    const keys = openKeys(dataDir);
    try {
      process.stdout.write(await act({ store: keys.store, note: noteKeysIn(auditLog) }, words));
    } finally {
      keys.close();
    }
    return 0;
  },
});

interface Desk {
  readonly store: ApiKeyStore;
  readonly note: NoteKey;
}

const ACTIONS = {
  async create({ store, note }: Desk, { values, positionals }: Words): Promise<string> {
    if (positionals.length > 1) throw new UsageError(`what is "${positionals[1]}"?`);
    if (!values.tenant) throw new UsageError('say whose key it is: coracle keys create --tenant acme');
    const { key, secret, hash } = newApiKey({ tenant: identifier.parse(values.tenant), name: values.name ?? null, scopes: scopesOf(values.scope) });
    await store.add(key, hash);
    note('create', key);
    return `${secret}\n`;
  },
  async list({ store }: Desk, { values }: Words): Promise<string> {
    return columns([['ID', 'TENANT', 'NAME', 'SCOPES', 'CREATED', 'STATE'], ...(await store.list(values.tenant)).map(row)]);
  },
  async revoke({ store, note }: Desk, { positionals: [, id] }: Words): Promise<string> {
    if (!id) throw new UsageError('say which key: coracle keys revoke ID, as coracle keys list shows it');
    const key = await store.revoke(id);
    if (!key) throw new UsageError(`there is no key "${id}": see coracle keys list`);
    note('revoke', key);
    return `${key.id} of ${key.tenant} is revoked\n`;
  },
};

function row({ id, tenant, name, scopes, createdAt, revokedAt }: ApiKey): string[] {
  return [id, tenant, name ?? '-', scopes.join(' '), new Date(createdAt).toISOString(), revokedAt === null ? 'valid' : 'revoked'];
}

function scopesOf(text: string | undefined): readonly TokenScope[] {
  if (text === undefined) return DEFAULT_TOKEN_SCOPES;
  const names = text.split(' ');
  const unknown = names.find((name) => !TOKEN_SCOPES.some((scope) => scope === name));
  if (unknown !== undefined) throw new UsageError(`there is no scope "${unknown}": the scopes are ${TOKEN_SCOPES.join(', ')}`);
  return TOKEN_SCOPES.filter((scope) => names.includes(scope));
}
