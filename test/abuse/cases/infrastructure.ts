import assert from 'node:assert/strict';
import { join } from 'node:path';
import { type Api, apiOf } from '../../support/api.ts';
import { buildServer } from '../../support/built.ts';
import { containersOf } from '../../support/docker.ts';
import { imageReference } from '../../support/images.ts';
import { type PrivateEngine, privateEngine } from '../../support/private-engine.ts';
import { openServer } from '../../support/server.ts';
import { smallDisk } from '../../support/small-disk.ts';
import { tempFolder } from '../../support/temp-folder.ts';
import { until } from '../../support/until.ts';
import { checkAnswers } from '../attack.ts';
import type { AbuseCase, Played } from '../case.ts';

const HELLO = { language: 'bash', code: 'echo hello' };
const COUNT = { language: 'bash', code: 'for i in $(seq 30); do echo $i; sleep 0.2; done' };
const COUNTED = Array.from({ length: 30 }, (_, index) => `${index + 1}\n`).join('');
const HELD = { status: 'completed', stdout: 'hello\n' } as const;

function infrastructure(name: string, play: () => Promise<Played>): AbuseCase {
  return { group: 'infrastructure', name, play };
}

/** What the machine's own engine must not be used for. */
async function onPrivateEngine(liveRestore: boolean, work: (engine: PrivateEngine, api: Api) => Promise<string>): Promise<Played> {
  await using engine = await privateEngine({ 'live-restore': liveRestore });
  await engine.load(imageReference('bash'));
  await using server = await buildServer({ DOCKER_HOST: engine.host, CORACLE_LOG_LEVEL: 'fatal' });
  return { said: await work(engine, await apiOf(server)) };
}

/** Counts while the engine goes and comes back; what is submitted meanwhile is accepted, and runs afterwards. */
function whileAway(signal: 'SIGTERM' | 'SIGKILL', liveRestore: boolean): () => Promise<Played> {
  return () =>
    onPrivateEngine(liveRestore, async (engine, api) => {
      const id = await api.submit(COUNT);
      await until(async () => (await api.get(id)).stdout.includes('3\n'), 'the program to count');
      await engine.stop(signal);
      const meanwhile = await api.submit(HELLO);
      await engine.start();
      const ended = await api.ended(id);
      if (liveRestore) checkAnswers(ended, { status: 'completed', stdout: COUNTED });
      else checkAnswers(ended, { status: 'failed', failure: 'lost' });
      checkAnswers(await api.ended(meanwhile), HELD);
      return `${ended.failure?.kind ?? ended.status}; what came meanwhile ran`;
    });
}

async function imageMissing(): Promise<Played> {
  return onPrivateEngine(false, async (_engine, api) => {
    const { failure, status } = await api.run({ language: 'python', code: 'print(1)' });
    assert.equal(status, 'failed');
    assert.equal(failure?.kind, 'start');
    assert.match(failure?.message ?? '', /npm run setup/);
    assert.doesNotMatch(failure?.message ?? '', /No such image|\/var\/lib|sha256/);
    return `failed (start): ${failure?.message}`;
  });
}

async function socketAbsent(): Promise<Played> {
  await using folder = await tempFolder();
  await using server = await buildServer({ DOCKER_HOST: `unix://${join(folder.path, 'nobody.sock')}`, CORACLE_LOG_LEVEL: 'fatal' });
  const api = await apiOf(server);
  const id = await api.submit(HELLO);
  const { body } = await api.call('GET', '/health');
  assert.equal(body['status'], 'degraded');
  assert.equal((await api.get(id)).status, 'queued');
  assert.equal((await api.kill(id)).status, 200);
  return { said: 'accepted, queued, killed; health says degraded' };
}

async function diskFull(): Promise<Played> {
  await using disk = await smallDisk(24);
  await using server = await openServer({ CORACLE_DATA_DIR: join(disk.path, 'data'), CORACLE_MIN_FREE_MB: '1', CORACLE_LOG_LEVEL: 'fatal' });
  const api = await apiOf(server);
  await disk.fill();
  const { status } = await api.call('POST', '/execute/background', HELLO);
  assert.equal(status, 503);
  await disk.free();
  checkAnswers(await api.run(HELLO), HELD);
  return { said: '503, and served again once there was room' };
}

/** The second one starts, compares and cleans up, and takes nothing of the first for its own. */
async function twoServers(): Promise<Played> {
  await using first = await buildServer({ CORACLE_SWEEP_SECONDS: '0.5' });
  const mine = await apiOf(first);
  const id = await mine.submit(COUNT);
  await until(async () => (await mine.get(id)).stdout.includes('2\n'), 'the program to count');
  await using second = await buildServer({ CORACLE_SWEEP_SECONDS: '0.5' });
  const theirs = await apiOf(second);
  checkAnswers(await theirs.run(HELLO), HELD);
  assert.equal((await theirs.call('GET', `/execute/processes/${id}`)).status, 404);
  checkAnswers(await mine.ended(id), { status: 'completed', stdout: COUNTED });
  await until(async () => (await containersOf(first.instance)).length === 0, 'the container to be removed');
  return { said: 'neither saw or touched what is of the other' };
}

export const INFRASTRUCTURE: readonly AbuseCase[] = [
  infrastructure('the engine is stopped and started', whileAway('SIGTERM', false)),
  infrastructure('the engine crashes and is started', whileAway('SIGKILL', false)),
  infrastructure('the engine is stopped and started, with live-restore', whileAway('SIGTERM', true)),
  infrastructure('the engine crashes and is started, with live-restore', whileAway('SIGKILL', true)),
  infrastructure('an image is missing', imageMissing),
  infrastructure("the engine's socket is absent", socketAbsent),
  infrastructure('the data disk is full', diskFull),
  infrastructure('two servers on one engine', twoServers),
];
