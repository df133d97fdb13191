import type { Events } from '../execution/events.ts';
import type { Log } from '../execution/log.ts';
import { repeat } from '../execution/periodic.ts';
import type { OutputStore } from '../output/output-store.ts';
import { isTerminal } from '../process/status.ts';
import { createDeliveries } from '../webhooks/deliveries.ts';
import { createSend } from '../webhooks/send.ts';
import type { WebhookStore } from '../webhooks/webhook-store.ts';

export interface WebhooksOptions {
  readonly webhooks: WebhookStore;
  readonly outputs: OutputStore;
  readonly events: Events;
  readonly log: Log;
  readonly closing: AbortSignal;
  readonly allowPrivate: boolean;
}

/** How finely attempts are timed. */
const LOOK_MS = 1_000;

/** Tells ends until the server lets go; what an earlier server had not told comes first. */
export function startWebhooks({ webhooks, outputs, events, log, closing, allowPrivate }: WebhooksOptions): void {
  const deliveries = createDeliveries({ webhooks, outputs, log, closing, send: createSend({ allowPrivate }) });
  const work = async (): Promise<void> => void (await deliveries.deliverDue());
  // The look that comes anyway makes up for one that fails here.
  events.onStatus(({ status }) => isTerminal(status) && !closing.aborted && work().catch(() => undefined));
  repeat({ what: 'calling back', everyMs: LOOK_MS, work }, log, closing);
}
