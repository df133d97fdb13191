import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';
import { CoracleError } from '../../errors.ts';
import type { Firewall, Obstacle } from '../firewall.ts';
import { ipv4Rules, ipv6Rules, type RuleSet, type RulesOptions } from './rules.ts';
import { isComplete, type Listing, lowering, ownLines, raising } from './script.ts';

const RUN_MS = 20_000;
/** Seconds for which it waits for another who changes rules. */
const WAIT = ['-w', '10'];
/** It is not on every user's path. */
const ENV = { PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin`, LC_ALL: 'C' };

/** The rules of one protocol, and the program that keeps them. */
interface Family {
  readonly program: 'iptables' | 'ip6tables';
  readonly rules: RuleSet;
  /** Our chains as they were listed when we had filled them: so they have to stay. */
  seen: string | undefined;
}

/** The firewall port on iptables and ip6tables, of either kind (nft or legacy). Needs root on the engine's own machine, where the engine has made DOCKER-USER. */
export function createIptables(options: RulesOptions): Firewall {
  const ipv4: Family = { program: 'iptables', rules: ipv4Rules(options), seen: undefined };
  const ipv6: Family = { program: 'ip6tables', rules: ipv6Rules(options), seen: undefined };
  /** A kernel without IPv6 carries none. */
  const families = () => (existsSync('/proc/net/if_inet6') ? [ipv4, ipv6] : [ipv4]);
  return {
    async obstacle() {
      if (process.getuid?.() !== 0) return NOT_ROOT;
      try {
        for (const { program } of families()) await list(program);
        return (await list('iptables')).includes('-N DOCKER-USER') ? undefined : NO_CHAIN;
      } catch (error) {
        return isMissing(error) ? NOT_INSTALLED : NOT_PERMITTED;
      }
    },
    async raise() {
      const done: boolean[] = [];
      for (const family of families()) done.push(await raise(family).catch(refuse));
      return done.includes(true) ? 'raised' : 'kept';
    },
    async isRaised() {
      const complete = families().map(async ({ program, rules }) => isComplete(await list(program).catch(refuse), rules));
      return (await Promise.all(complete)).every(Boolean);
    },
    async lower() {
      for (const family of families()) await lower(family).catch(refuse);
    },
    sees: async (bridge) => existsSync(`/sys/class/net/${bridge}/bridge`),
  };
}

/** Answers whether it had to. */
async function raise(family: Family): Promise<boolean> {
  const { program, rules } = family;
  const listing = await list(program);
  if (family.seen === ownLines(listing, rules).join('\n') && isComplete(listing, rules)) return false;
  await restore(program, raising(listing, rules));
  const after = await list(program);
  if (!isComplete(after, rules)) throw new Error(`${program} has not taken the rules`);
  family.seen = ownLines(after, rules).join('\n');
  return true;
}

async function lower({ program, rules }: Family): Promise<void> {
  const script = lowering(await list(program).catch(() => []), rules);
  if (script) await restore(program, script);
}

async function list(program: Family['program']): Promise<Listing> {
  const { stdout } = await promisify(execFile)(program, [...WAIT, '-S'], { env: ENV, timeout: RUN_MS });
  return stdout.split('\n');
}

async function restore(program: Family['program'], script: string): Promise<void> {
  const run = promisify(execFile)(`${program}-restore`, [...WAIT, '--noflush'], { env: ENV, timeout: RUN_MS });
  // One that ends before it has read all breaks the pipe; why is told by its exit.
  run.child.stdin?.on('error', () => undefined).end(script);
  await run;
}

function isMissing(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ENOENT';
}

function refuse(error: unknown): never {
  throw new CoracleError('ENGINE_REFUSED', 'The rules for the networks of sandboxes could not be put in place. The server log says why.', error);
}

const NOT_ROOT: Obstacle = {
  what: 'the server is not root, so that it can put no rules in place for their networks',
  remedy: "Run the server as root on the engine's own machine, which has to be for nothing else; in a container it cannot be offered.",
};
const NOT_INSTALLED: Obstacle = {
  what: 'iptables or ip6tables is not installed, so that no rules can be put in place for their networks',
  remedy: 'Install both (on Debian: apt-get install iptables), and start the server again.',
};
const NOT_PERMITTED: Obstacle = {
  what: 'iptables does not work here, so that no rules can be put in place for their networks',
  remedy: 'Run "iptables -S" and "ip6tables -S" as the server\'s user to see why; a container cannot have them.',
};
const NO_CHAIN: Obstacle = {
  what: 'iptables has no chain DOCKER-USER here: the engine keeps no rules, or not on this machine, so that those of the server would hold nobody',
  remedy:
    'Run the server on the engine\'s own machine, with an engine that has "iptables": true (its default) and no other firewall backend, and is not rootless.',
};
