import type { Config } from '../config.ts';
import { createMachine } from '../machine.ts';
import { createActivity } from '../metrics/activity.ts';
import { createServerMetrics } from '../metrics/prometheus.ts';
import type { Execution } from './execution.ts';

/** What the server tells of itself and of its sandboxes. */
export function createFigures({ dataDir }: Config, { events, scheduler }: Execution) {
  return { activity: createActivity(events), serverMetrics: createServerMetrics(events, scheduler), lookAtMachine: createMachine(dataDir) };
}
