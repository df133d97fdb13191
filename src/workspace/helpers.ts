import type { ContainerEngine, RunningContainer } from '../engine/container-engine.ts';
import { CoracleError } from '../errors.ts';
import { specOf } from '../execution/container-spec.ts';
import type { Log } from '../execution/log.ts';
import type { ContainerLimits } from '../process/limits.ts';
import type { Scope } from '../process/record.ts';
import type { Sandbox, SandboxStore } from '../sandbox/sandbox.ts';
import type { Gate } from '../tenancy/gate.ts';

export interface HelpersDependencies {
  readonly engine: ContainerEngine;
  readonly sandboxes: SandboxStore;
  readonly limits: ContainerLimits;
  /** By what they are run, as processes are for which nobody asks for another; `null` is the engine's default. */
  readonly runtime: string | null;
  readonly log: Log;
}

/** What a helper runs, and who pays for it. */
export interface HelperRequest {
  readonly scope: Scope;
  readonly image: string;
  readonly run: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** It runs what the tenant wants: with the sandbox's environment on top, and with its network. */
  readonly asProcess?: true;
  readonly workingDir?: string;
  readonly gate: Gate;
  /** Aborted when nobody needs it any more; it is for the caller to dispose of it then. */
  readonly signal: AbortSignal;
}

/** A container without a record, which serves one call. */
export interface Helper {
  readonly container: RunningContainer;
  /** Removes the container, whatever it does; it holds its place until that is done. Never rejects; idempotent. */
  dispose(): Promise<void>;
}

export interface Helpers {
  /** Rejects with what the gate, the sandbox store or the engine says, and leaves nothing then. */
  start(request: HelperRequest): Promise<Helper>;
  /** Whether a container is a helper that is in use: it has no record, and is nobody's orphan. */
  has(containerId: string): boolean;
}

export function createHelpers({ engine, sandboxes, limits, runtime, log }: HelpersDependencies): Helpers {
  const inUse = new Set<string>();

  async function begin(sandbox: Sandbox, { image, run, env, asProcess, workingDir = '/workspace', signal }: HelperRequest): Promise<RunningContainer> {
    const internetAccess = asProcess === true && sandbox.internetAccess;
    const spec = specOf({ ...sandbox, internetAccess }, { image, limits: { ...limits, ...sandbox.limits }, runtime });
    const prepared = await engine.prepare(spec, signal);
    inUse.add(prepared.id);
    try {
      const job = { workingDir, compile: [], run, env: { ...env, ...(asProcess ? sandbox.env : {}) }, files: [] };
      const container = await prepared.begin(job);
      if (container) return container;
      throw new CoracleError('ENGINE_UNAVAILABLE', 'The container engine ended a container before it could be used. Try again.');
    } catch (error) {
      inUse.delete(prepared.id);
      await prepared.remove().catch(() => undefined);
      throw error;
    }
  }

  function helper(container: RunningContainer, leave: () => void): Helper {
    async function remove(): Promise<void> {
      await container.remove().catch((error) => log.warn({ err: error, container: container.id }, 'a helper could not be removed; the next sweep does it'));
      inUse.delete(container.id);
      leave();
    }
    let removed: Promise<void> | undefined;
    return {
      container,
      dispose() {
        removed ??= remove();
        return removed;
      },
    };
  }

  return {
    async start(request) {
      const leave = await request.gate.enter(request.scope.tenant, request.signal);
      try {
        const container = await begin(await sandboxes.ensure(request.scope), request);
        return helper(container, leave);
      } catch (error) {
        leave();
        throw error;
      }
    },
    has: (containerId) => inUse.has(containerId),
  };
}
