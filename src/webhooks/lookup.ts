import { lookup as systemLookup } from 'node:dns';
import { Resolver } from 'node:dns/promises';
import type { LookupFunction } from 'node:net';
import { isPublicAddress } from './address.ts';

/** The name leads to an address that the operator has not allowed. */
export class AddressRefused extends Error {
  constructor() {
    super('The callback_url leads to an address that is not public.');
  }
}

const RESOLVE_MS = 3_000;

/**
 * Resolves a receiver's name for the very connection that is then made, so that no second answer can differ. One address that is not public refuses the
 * name. It asks the name servers itself: the system's resolver works on the few threads that the server's files need too, and a tenant's slow name
 * servers could hold them all. Where private addresses are allowed, the system's resolver knows the host's own names.
 */
export function createLookup({ allowPrivate }: { allowPrivate: boolean }): LookupFunction {
  if (allowPrivate) return systemLookup as LookupFunction;
  return (hostname, options, callback) => {
    resolvePublic(hostname).then(
      (addresses) => (options.all ? callback(null, addresses) : callback(null, addresses[0]?.address ?? '', addresses[0]?.family)),
      (error) => callback(error, ''),
    );
  };
}

async function resolvePublic(hostname: string): Promise<{ address: string; family: number }[]> {
  const resolver = new Resolver({ timeout: RESOLVE_MS, tries: 2 });
  const [v4, v6] = await Promise.allSettled([resolver.resolve4(hostname), resolver.resolve6(hostname)]);
  const addresses = [...found(v4, 4), ...found(v6, 6)];
  if (addresses.length === 0) throw v4.status === 'rejected' ? v4.reason : new Error('no address');
  if (!addresses.every(({ address }) => isPublicAddress(address))) throw new AddressRefused();
  return addresses;
}

function found(answer: PromiseSettledResult<string[]>, family: 4 | 6) {
  return answer.status === 'fulfilled' ? answer.value.map((address) => ({ address, family })) : [];
}
