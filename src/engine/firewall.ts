/**
 * What keeps the networks of sandboxes apart from everything but the public internet: rules of the machine on which the engine runs, for every bridge whose
 * name begins with `bridgePrefix(instance)`, also those that are made later. Contract (test/contract/firewall.ts):
 * - the rules of two instances do not touch each other;
 * - `raise` and `lower` are idempotent, and change all rules at once or none;
 * - `raise` and `isRaised` reject with ENGINE_REFUSED where there is an obstacle; `lower` then has nothing to do.
 */
export interface Firewall {
  /** Why it can raise no rules here, and what to do; undefined when it can. Never rejects. */
  obstacle(): Promise<Obstacle | undefined>;
  /** Has the rules in force when it resolves; answers whether something lacked. */
  raise(): Promise<'kept' | 'raised'>;
  /** Whether the rules are in force now. */
  isRaised(): Promise<boolean>;
  /** Removes the rules. */
  lower(): Promise<void>;
  /** Whether a bridge is one of this machine, so that the rules are the ones that it is held by. */
  sees(bridge: string): Promise<boolean>;
}

export interface Obstacle {
  readonly what: string;
  readonly remedy: string;
}
