import { parseArgs } from 'node:util';
import { openServer } from '../support/server.ts';
import { describeFinding, type FuzzReport, fuzz } from './run.ts';
import { openTarget, type Target, tokensOf } from './target.ts';

const USAGE = 'npm run fuzz -- [--requests 100000] [--seed NUMBER] [--clients 16] [--docker]';
const SHOWN = 20;

const { values } = parseArgs({
  options: {
    requests: { type: 'string', default: '100000' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    clients: { type: 'string', default: '16' },
    docker: { type: 'boolean', default: false },
  },
});
const [requests, seed, clients] = [values.requests, values.seed, values.clients].map(Number) as [number, number, number];
if (![requests, seed, clients].every(Number.isSafeInteger)) throw new Error(USAGE);

/** A whole server on the real engine. */
async function openReal(): Promise<Target> {
  const server = await openServer({ CORACLE_LOG_LEVEL: 'warn' });
  return { url: server.url, tokens: await tokensOf(server.jwtSecret), [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

function summarise({ findings, statuses }: FuzzReport, seconds: number): void {
  for (const finding of findings.slice(0, SHOWN)) console.log(`\n✗ ${describeFinding(finding)}`);
  const counts = [...statuses].toSorted(([a], [b]) => a - b).map(([status, count]) => `${status}: ${count}`);
  console.log(`\n${requests} requests, seed ${seed}, ${seconds} s; ${findings.length} findings; ${counts.join(', ')}`);
}

await using target = await (values.docker ? openReal() : openTarget());
const startedAt = Date.now();
const report = await fuzz({
  ...target,
  requests,
  seed,
  clients,
  onProgress: (done) => done % 10_000 === 0 && console.log(`${done} …`),
});
summarise(report, Math.round((Date.now() - startedAt) / 1000));
process.exitCode = report.findings.length > 0 ? 1 : 0;
