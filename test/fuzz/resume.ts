import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';

/** How long a sandbox stays paused about, in milliseconds. */
const PAUSED_MS = 500;
const page = z.object({ data: z.array(z.object({ id: z.string() })) });

/** Lets every paused sandbox go on, again and again, until the signal is aborted: whoever waits for something in one waits up to the hour that a request may ask for. */
export async function resumePaused(url: string, tokens: readonly string[], over: AbortSignal): Promise<void> {
  const everyone = [...new Set(tokens)];
  while (!over.aborted) {
    await Promise.all(everyone.map((token) => resumeOf(url, { Authorization: `Bearer ${token}` })));
    await sleep(PAUSED_MS, undefined, { signal: over }).catch(() => undefined);
  }
}

async function resumeOf(url: string, headers: Record<string, string>): Promise<void> {
  const listed = await fetch(`${url}/v1/sandboxes?status=paused`, { headers });
  if (!listed.ok) return;
  const { data } = page.parse(await listed.json());
  await Promise.all(data.map(async ({ id }) => (await fetch(`${url}/v1/sandboxes/${id}/resume`, { method: 'POST', headers })).arrayBuffer()));
}
