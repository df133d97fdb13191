import { expect, test } from 'vitest';
import { torture } from './torture/run.ts';

const MINUTES = 0.75;

test('under kills of the server, restarts of the engine, removed containers and full disks, every record is what the program was', async () => {
  const seed = Date.now() % 1_000_000;
  const lines: string[] = [`seed ${seed}`];
  const report = await torture({ minutes: MINUTES, seed, tenants: 3, liveRestore: false, say: (line) => lines.push(line) });
  expect(report.violations, lines.join('\n')).toEqual([]);
  expect(report.accepted).toBeGreaterThan(20);
  expect(report.serverKills).toBeGreaterThanOrEqual(4);
  expect(report.engineRestarts).toBeGreaterThanOrEqual(1);
  expect(report.diskSpells).toBeGreaterThanOrEqual(1);
}, 600_000);
