import ipaddr from 'ipaddr.js';

/** Of IPv4 addresses as numbers; both ends are in it. */
export interface Range {
  readonly first: number;
  readonly last: number;
}

export function rangeOf(network: string): Range {
  const [address, bits] = ipaddr.IPv4.parseCIDR(network);
  const size = 2 ** (32 - bits);
  const number = Buffer.from(address.toByteArray()).readUInt32BE();
  const first = number - (number % size);
  return { first, last: first + size - 1 };
}

/** Routes that are wider are ways out, such as those of a VPN that takes everything; nobody is hidden by being in them. */
const WIDEST_BITS = 8;

/** The networks to which this machine has routes, as the kernel lists them in /proc/net/route. */
export function routedRanges(table: string): Range[] {
  const rows = table.trim().split('\n').slice(1);
  return rows.flatMap((row) => {
    const [, destination = '', , , , , , mask = ''] = row.split('\t');
    const first = littleEndian(destination);
    const last = first + (2 ** 32 - 1 - littleEndian(mask));
    return last - first < 2 ** (32 - WIDEST_BITS) ? [{ first, last }] : [];
  });
}

function littleEndian(hex: string): number {
  return Buffer.from(hex.trim().padStart(8, '0'), 'hex').readUInt32LE();
}

/** So many addresses in a network, besides its own, its gateway's and its broadcast's: the longest prefix that has them. */
export function prefixFor(addresses: number): number {
  return 32 - Math.ceil(Math.log2(addresses + 3));
}

export interface SubnetSearch {
  readonly pools: readonly string[];
  readonly prefix: number;
  readonly taken: readonly Range[];
  /** From 0 to 1: where in the pools it begins, so that addresses are not used again at once and two servers seldom meet. */
  readonly from: number;
  readonly most: number;
}

/** Networks of that size in the pools that meet no range taken, at most so many. */
export function freeSubnets({ pools, prefix, taken, from, most }: SubnetSearch): string[] {
  const size = 2 ** (32 - prefix);
  const all = pools.map(rangeOf).map(({ first, last }) => ({ first, count: Math.floor((last - first + 1) / size) }));
  const total = all.reduce((sum, { count }) => sum + count, 0);
  const start = Math.floor(from * total);
  const free: string[] = [];
  for (let step = 0; step < total && free.length < most; step += 1) {
    const first = nth(all, (start + step) % total, size);
    if (taken.every((range) => range.last < first || range.first > first + size - 1)) free.push(`${dotted(first)}/${prefix}`);
  }
  return free;
}

/** Where the network of that number begins, counted through all pools. */
function nth(pools: readonly { readonly first: number; readonly count: number }[], number: number, size: number): number {
  let left = number;
  for (const { first, count } of pools) {
    if (left < count) return first + left * size;
    left -= count;
  }
  throw new RangeError(`there is no network ${number} in the pools`);
}

function dotted(number: number): string {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(number);
  return bytes.join('.');
}
