import type { Callback } from '../../src/process/callback.ts';
import type { Delivery } from '../../src/webhooks/webhook-store.ts';

export const CALLBACK: Callback = { url: 'http://receiver.example/hook', headers: {}, secret: null };

export function newDelivery(differences: Partial<Delivery> = {}, callback: Partial<Callback> = {}): Delivery {
  return {
    id: 'dlv_1',
    processId: 'proc_1',
    callback: { ...CALLBACK, ...callback },
    state: 'pending',
    attempts: 0,
    nextAt: 0,
    lastAt: null,
    lastStatus: null,
    lastError: null,
    ...differences,
  };
}
