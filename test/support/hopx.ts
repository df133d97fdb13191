import { Sandbox, type SandboxCreateOptions } from '@hopx-ai/sdk';
import { buildServer, coracle } from './built.ts';

/** HopX's own JS client, unmodified, in front of the built server. */
export interface Hopx extends AsyncDisposable {
  readonly server: Awaited<ReturnType<typeof buildServer>>;
  /** What every static call of `Sandbox` takes. */
  readonly options: { readonly apiKey: string; readonly baseURL: string };
  create(options?: Partial<SandboxCreateOptions>): Promise<Sandbox>;
  connect(sandboxId: string): Promise<Sandbox>;
}

/** A built server, and a key of the tenant "acme" that its command line made. */
export async function openHopx(env: NodeJS.ProcessEnv = {}): Promise<Hopx> {
  const server = await buildServer(env);
  const options = { apiKey: await newKey(server.dataDir, 'acme'), baseURL: server.url };
  return {
    server,
    options,
    create: (wishes = {}) => Sandbox.create({ ...options, template: 'code-interpreter', ...wishes }),
    connect: (sandboxId) => Sandbox.connect(sandboxId, options.apiKey, options.baseURL),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

export async function newKey(dataDir: string, tenant: string): Promise<string> {
  const run = coracle(['keys', 'create', '--tenant', tenant], { CORACLE_DATA_DIR: dataDir });
  if ((await run.exit) !== 0) throw new Error(`no key: ${run.output()}`);
  return run.output().trim();
}
