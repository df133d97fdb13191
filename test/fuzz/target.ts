import { mintToken } from '../../src/http/auth.ts';
import { TOKEN_SCOPES } from '../../src/tenancy/caller.ts';
import { appOf, JWT_SECRET } from '../support/app.ts';
import { createPlace, startServer } from '../support/place.ts';

export interface Target extends AsyncDisposable {
  readonly url: string;
  readonly tokens: readonly [string, ...string[]];
}

/** The real HTTP server, store and spool, with a fake engine that is as fast as it can be. */
export async function openTarget(): Promise<Target> {
  const place = await createPlace(() => ({ steps: [{ print: 'some €\n' }] }));
  const app = await appOf(place, startServer(place, { maxQueued: 1_000 }));
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  const tokens = await tokensOf(JWT_SECRET);
  return {
    url,
    tokens,
    async [Symbol.asyncDispose]() {
      await app.close();
      await place[Symbol.asyncDispose]();
    },
  };
}

/** Of two tenants, and one that may only read. */
export async function tokensOf(secret: string): Promise<readonly [string, ...string[]]> {
  const mint = (tenant: string, scopes: readonly (typeof TOKEN_SCOPES)[number][]) => mintToken(secret, { tenant, scopes, ttlSeconds: 86_400 });
  const [acme, globex, reader] = [await mint('acme', TOKEN_SCOPES), await mint('globex', TOKEN_SCOPES), await mint('globex', ['processes:read'])];
  return [acme, acme, acme, acme, globex, globex, reader];
}
