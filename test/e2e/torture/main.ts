import { parseArgs } from 'node:util';
import { type TortureReport, torture } from './run.ts';

const USAGE = 'npm run torture -- [--minutes N] [--seed N] [--tenants N] [--live-restore]';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    tenants: { type: 'string', default: '3' },
    'live-restore': { type: 'boolean', default: false },
  },
});

function number(name: 'minutes' | 'seed' | 'tenants'): number {
  const value = Number(values[name]);
  if (Number.isFinite(value) && value > 0) return value;
  throw new Error(`--${name} ${values[name]} is no number above 0. ${USAGE}`);
}

const began = Date.now();
function say(line: string): void {
  process.stdout.write(`${String(Math.round((Date.now() - began) / 1000)).padStart(5)} s  ${line}\n`);
}

function summarise({ endings, violations, refused, ...counts }: TortureReport): void {
  for (const [kind, byEnding] of Object.entries(endings).sort())
    say(
      `${kind.padEnd(14)}${Object.entries(byEnding)
        .map(([ending, count]) => `${count} ${ending}`)
        .join(', ')}`,
    );
  for (const [what, count] of Object.entries(counts)) say(`${what}: ${count}`);
  say(
    `refused: ${
      Object.entries(refused)
        .map(([status, count]) => `${count} with ${status}`)
        .join(', ') || 'none'
    }`,
  );
  for (const violation of violations) say(`✗ ${violation}`);
  say(`${violations.length} violations`);
}

const options = { minutes: number('minutes'), seed: number('seed'), tenants: number('tenants'), liveRestore: values['live-restore'] };
say(`torture of ${options.minutes} minutes, seed ${options.seed}${options.liveRestore ? ', with live-restore' : ''}`);
const interrupted = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => interrupted.abort(new Error(`ended by ${signal}`)));
const report = await torture({ ...options, say, signal: interrupted.signal });
summarise(report);
process.exitCode = report.violations.length > 0 ? 1 : 0;
