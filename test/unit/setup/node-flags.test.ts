import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { SERVER_FLAGS } from '../../../src/setup/node-flags.ts';
import { PROJECT_ROOT } from '../../../src/version.ts';

test('the image runs the server with the flags that the start script gives', () => {
  const dockerfile = readFileSync(join(PROJECT_ROOT, 'images', 'server', 'Dockerfile'), 'utf8');
  expect(/NODE_OPTIONS="([^"]*)"/.exec(dockerfile)?.[1]?.split(' ')).toEqual(SERVER_FLAGS);
});

test('Node takes them from the environment too, and keeps young objects in as little', () => {
  const program = "process.stdout.write(String(require('node:v8').getHeapSpaceStatistics().find((space) => space.space_name === 'new_space').space_size))";
  const busy = `let kept = []; for (let i = 0; i < 1e6; i += 1) { kept.push({ i }); if (kept.length > 50_000) kept = []; }; ${program}`;
  const bytes = execFileSync(process.execPath, ['-e', busy], { env: { NODE_OPTIONS: SERVER_FLAGS.join(' ') }, encoding: 'utf8' });
  expect(Number(bytes)).toBeLessThanOrEqual(8 * 1024 * 1024);
});
