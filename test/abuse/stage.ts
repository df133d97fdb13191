import { type Api, apiOf } from '../support/api.ts';
import { type BuiltServer, buildServer } from '../support/built.ts';
import { newSandbox } from '../support/reach.ts';

export const RUNTIMES = ['runc', 'runsc'] as const;
export type Runtime = (typeof RUNTIMES)[number];

const MIB = 1024 * 1024;
/** Small, so that whoever gets to a limit has not hurt the machine; gVisor's own threads count too, and it does not start with fewer than 512. */
const LIMITS = { memoryMb: 256, tmpMb: 64, workspaceMb: 80, pids: { runc: 64, runsc: 512 } } as const;

/** Where cases are played: a real server with small limits. */
export interface Stage extends AsyncDisposable {
  readonly server: BuiltServer;
  readonly runtime: Runtime;
  readonly limits: { readonly memoryBytes: number; readonly tmpBytes: number; readonly workspaceBytes: number; readonly pids: number };
  /** A tenant that has never been here: with it a sandbox, a workspace and a user id of its own, and a network where that is asked for and offered. */
  stranger(wish?: { readonly internet?: boolean | undefined }): Promise<{ readonly tenant: string; readonly api: Api }>;
  /** A tenant that does nothing but say hello now and then. */
  readonly quiet: Api;
}

export async function openStage(runtime: Runtime, env: NodeJS.ProcessEnv = {}): Promise<Stage> {
  const pids = LIMITS.pids[runtime];
  const server = await buildServer({
    CORACLE_MAX_CONTAINERS: '3',
    CORACLE_MEMORY_MB: String(LIMITS.memoryMb),
    CORACLE_TMP_MB: String(LIMITS.tmpMb),
    CORACLE_PIDS: String(pids),
    CORACLE_WORKSPACE_MB: String(LIMITS.workspaceMb),
    CORACLE_WORKSPACE_QUOTA: 'hard',
    CORACLE_OUTPUT_MB: '1',
    // A container that is kept ready for a tenant would pass for one that outlived its process.
    CORACLE_POOL: 'off',
    CORACLE_EGRESS: 'on',
    CORACLE_LOG_LEVEL: 'error',
    CORACLE_RUNTIME: runtime,
    ...env,
  });
  let strangers = 0;
  return {
    server,
    runtime,
    limits: { memoryBytes: LIMITS.memoryMb * MIB, tmpBytes: LIMITS.tmpMb * MIB, workspaceBytes: LIMITS.workspaceMb * MIB, pids },
    async stranger({ internet = false } = {}) {
      strangers += 1;
      const tenant = `stranger-${strangers}`;
      if (!internet) return { tenant, api: await apiOf(server, tenant) };
      const { api, hasInternet } = await newSandbox(server, true, tenant);
      // Without one everything is held, and nothing shown. An engine that is not the machine's own has its networks elsewhere.
      if (!hasInternet && runtime === 'runc' && !process.env['DOCKER_HOST'])
        throw new Error('the server offers no network: these cases have to be played as root');
      return { tenant, api };
    },
    quiet: await apiOf(server, 'quiet'),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}
