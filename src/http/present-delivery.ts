import type { z } from 'zod';
import type { Delivery } from '../webhooks/webhook-store.ts';
import { isoTime } from './present.ts';
import type { deliverySchema } from './schemas/async.ts';

/** Without headers and secret: those are for the receiver only. */
export function presentDelivery(delivery: Delivery | undefined): z.output<typeof deliverySchema> {
  if (!delivery) return null;
  const { id, callback, state, attempts, nextAt, lastAt, lastStatus, lastError } = delivery;
  return {
    delivery_id: id,
    callback_url: callback.url,
    state,
    attempts,
    next_attempt_at: state === 'pending' && attempts > 0 ? isoTime(nextAt) : null,
    last_attempt_at: isoTime(lastAt),
    last_status: lastStatus,
    last_error: lastError,
  };
}
