import { type Api, apiOf, type Reached } from './api.ts';

export interface NetworkedSandbox {
  readonly id: string;
  readonly hasInternet: boolean;
  readonly api: Api;
}

/** A sandbox of a tenant, with or without internet access, and the way to it. */
export async function newSandbox(server: Reached, internetAccess: boolean, tenant = 'acme'): Promise<NetworkedSandbox> {
  const body = { template_name: 'bash', internet_access: internetAccess };
  const { status, body: made } = await (await apiOf(server, tenant)).call<{ id: string; internet_access: boolean }>('POST', '/v1/sandboxes', body);
  if (status !== 201) throw new Error(`no sandbox: ${status} ${JSON.stringify(made)}`);
  return { id: made.id, hasInternet: made.internet_access, api: await apiOf(server, tenant, made.id) };
}

/** Says of each target, `address port`, whether it was reached: that somebody is there and takes or refuses a connection counts too. */
const TRY = `
try() {
  if timeout 4 bash -c 'exec 3<>/dev/tcp/$0/$1' "$1" "$2" 2>/tmp/coracle/said; then echo "$1 $2 reached"
  elif grep -q refused /tmp/coracle/said; then echo "$1 $2 reached"
  else echo "$1 $2 held"; fi
}
while read -r address port; do try "$address" "$port" & done <<< "$TARGETS"
wait`;

export interface Target {
  readonly address: string;
  readonly port: number;
}

/** What of some targets a program of the sandbox reaches: `address port`, sorted. */
export async function reachedFrom({ api }: NetworkedSandbox, targets: readonly Target[]): Promise<string[]> {
  const TARGETS = targets.map(({ address, port }) => `${address} ${port}`).join('\n');
  const { stdout, stderr, status } = await api.run({ language: 'bash', code: TRY, env: { TARGETS }, timeout: 60 });
  const lines = stdout.trim().split('\n');
  if (status !== 'completed' || lines.length !== targets.length)
    throw new Error(`it did not say of everything whether it is reached: ${status} ${stdout} ${stderr}`);
  return lines
    .filter((line) => line.endsWith(' reached'))
    .map((line) => line.replace(' reached', ''))
    .sort();
}
