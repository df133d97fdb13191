import { CHAIN_PREFIX, type Hook, type RuleSet } from './rules.ts';

/** What `iptables -S` prints of a table, by line. */
export type Listing = readonly string[];

/** The lines of the listing that are of our own chains. */
export function ownLines(listing: Listing, { chains }: RuleSet): string[] {
  return chains.flatMap(({ name }) => listing.filter((line) => line === `-N ${name}` || line.startsWith(`-A ${name} `)));
}

/** Whether every chain is there with as many rules as it should have, and every jump to it in its place. How a rule is written differs between versions. */
export function isComplete(listing: Listing, rules: RuleSet): boolean {
  const areWhole = rules.chains.every(({ name, rules: own }) => listing.filter((line) => line.startsWith(`-A ${name} `)).length === own.length);
  return areWhole && rules.hooks.every((hook) => isInPlace(listing, hook));
}

/** Before every rule that is not a jump of a Coracle's: else that one might let a packet pass. */
function isInPlace(listing: Listing, hook: Hook): boolean {
  const those = listing.filter((line) => line.startsWith(`-A ${hook.from} `));
  const at = those.indexOf(lineOf(hook));
  return at >= 0 && those.slice(0, at).every((line) => line.includes(` -j ${CHAIN_PREFIX}`));
}

/** For iptables-restore --noflush, which does all of it or nothing: fills the chains anew and puts the jumps in their place. */
export function raising(listing: Listing, rules: RuleSet): string {
  return table([
    ...rules.chains.map(({ name }) => `:${name} - [0:0]`),
    ...unhooking(listing, rules),
    ...rules.chains.flatMap(({ name, rules: own }) => own.map((rule) => `-A ${name} ${rule}`)),
    ...rules.hooks.map(({ from, match, to }) => `-I ${from} ${match} -j ${to}`),
  ]);
}

/** The same way; undefined when nothing of ours is there. */
export function lowering(listing: Listing, rules: RuleSet): string | undefined {
  const there = rules.chains.map(({ name }) => name).filter((name) => listing.includes(`-N ${name}`));
  if (there.length === 0) return undefined;
  return table([...unhooking(listing, rules), ...there.map((name) => `-F ${name}`), ...there.map((name) => `-X ${name}`)]);
}

/** As often as each is there. */
function unhooking(listing: Listing, { hooks }: RuleSet): string[] {
  return hooks.flatMap((hook) => listing.filter((line) => line === lineOf(hook)).map((line) => line.replace(/^-A/, '-D')));
}

function lineOf({ from, match, to }: Hook): string {
  return `-A ${from} ${match} -j ${to}`;
}

function table(lines: readonly string[]): string {
  return `*filter\n${lines.join('\n')}\nCOMMIT\n`;
}
