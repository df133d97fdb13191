import { randomUUID } from 'node:crypto';
import type { Container } from 'dockerode';
import { LABEL } from '../../../src/engine/docker/labels.ts';
import { attached, logOf, type Options, printed, prints, running, withContainer } from '../../support/bare-container.ts';
import { docker } from '../../support/docker.ts';
import { until } from '../../support/until.ts';
import { host, type Row, set } from './row.ts';

/** Of the image that has the last word where we say nothing. */
export const OTHER_IMAGE = `coracle-options:${randomUUID()}`;
const beside = set({ Image: OTHER_IMAGE });

/** A change of what the engine's log driver is told. */
const logging = (change: object) => host(({ LogConfig }) => ({ LogConfig: { ...LogConfig, Config: { ...LogConfig?.Config, ...change } } }));
/** Small enough to be filled. */
const smallLog = logging({ 'max-size': '64k' });

/** How much the engine has kept of a mebibyte, in KiB. */
function keptOfMebibyte(options: Options): Promise<string> {
  const flooding = running('head -c 1M /dev/zero | tr "\\0" x')(options);
  return withContainer(flooding, async (container) => ((await printed(container)).length < 224 * 1024 ? 'bounded' : 'more'));
}

const hasLogged = (container: Container, word: string) => async () => (await logOf(container)).includes(word);

/** Whether a program that goes on reading ends when whoever gave it its input is gone. */
function endsWithItsGiver(options: Options): Promise<string> {
  return withContainer({ ...options, Cmd: ['/bin/bash', '-c', 'cat; echo ended'] }, async (container) => {
    for (let round = 1; round <= 5; round++) {
      const socket = await attached(container);
      if (round === 1) await container.start();
      socket.on('error', () => undefined).write(`round-${round}\n`);
      await until(async () => (await hasLogged(container, `round-${round}`)()) || hasLogged(container, 'ended')(), 'an answer');
      socket.destroy();
      if (await hasLogged(container, 'ended')()) return 'ended';
    }
    return 'still there';
  });
}

/** What comes to a program of what it is given. */
function given(options: Options): Promise<string> {
  return withContainer({ ...options, Cmd: ['/bin/bash', '-c', 'read -r word; echo "got $word"'] }, async (container) => {
    const socket = await attached(container);
    socket.on('error', () => undefined).write('something\n');
    return printed(container)
      .then(String)
      .finally(() => socket.destroy());
  });
}

function signalled(options: Options): Promise<string> {
  const code = 'trap "echo TERM; exit" TERM; trap "echo USR1; exit" USR1; echo ready; while :; do sleep 0.1; done';
  return withContainer(running(code)(options), async (container) => {
    await container.start();
    await until(hasLogged(container, 'ready'), 'the program to be ready');
    await container.stop({ t: 60 });
    return String(await logOf(container));
  });
}

function restarts(options: Options): Promise<string> {
  return withContainer(running('exit 3')(options), async (container) => {
    await container.start();
    const ended = await until(async () => {
      const info = await container.inspect();
      return info.State.Status === 'exited' && info;
    }, 'the end');
    return String(ended.RestartCount);
  });
}

function remains(options: Options): Promise<string> {
  return withContainer(running('true')(options), async (container) => {
    const ended = container.wait({ condition: options.HostConfig.AutoRemove ? 'removed' : 'next-exit' });
    await container.start();
    await ended;
    return container.inspect().then(
      () => 'there',
      () => 'gone',
    );
  });
}

function labelled(options: Options): Promise<string> {
  return withContainer(options, async ({ id }) => {
    const found = await docker.listContainers({ all: true, filters: { label: [LABEL.instance] } });
    return found.some(({ Id }) => Id === id) ? 'found' : 'lost';
  });
}

const bytes = (options: Options) => withContainer(running("printf '\\377'")(options), async (container) => (await printed(container)).toString('hex'));
const exitCode = (code: string) => (options: Options) =>
  withContainer(running(code)(options), async (container) => {
    await container.start();
    return String((await container.wait()).StatusCode);
  });

export const LIFE: readonly Row[] = [
  { option: 'Entrypoint', beside, without: set({ Entrypoint: undefined }), shows: prints('echo ours'), held: /^ours$/m },
  {
    option: 'Cmd',
    beside,
    without: set({ Cmd: undefined }),
    shows: (options) => withContainer({ ...options, OpenStdin: false, StdinOnce: false }, async (container) => String(await printed(container))),
    held: /^$/,
  },
  { option: 'WorkingDir', beside, without: set({ WorkingDir: undefined }), shows: prints('pwd'), held: /^\/workspace$/m },
  { option: 'StopSignal', beside, without: set({ StopSignal: undefined }), shows: signalled, held: /^TERM$/m },
  { option: 'Labels', without: set({ Labels: undefined }), shows: labelled, held: /^found$/ },
  { option: 'Tty', without: set({ Tty: true }), shows: exitCode('test -t 1'), held: /^1$/ },
  { option: 'OpenStdin', without: set({ OpenStdin: false }), shows: given, held: /^got something$/m },
  { option: 'StdinOnce', without: set({ StdinOnce: false }), shows: endsWithItsGiver, held: /^ended$/ },
  { option: 'AutoRemove', without: host(() => ({ AutoRemove: true })), shows: remains, held: /^there$/ },
  { option: 'RestartPolicy Name', without: host(() => ({ RestartPolicy: { Name: 'on-failure', MaximumRetryCount: 1 } })), shows: restarts, held: /^0$/ },
  { option: 'LogConfig Type', without: host(() => ({ LogConfig: { Type: 'json-file', Config: {} } })), shows: bytes, held: /^ff$/ },
  { option: 'LogConfig Config max-size', beside: smallLog, without: logging({ 'max-size': undefined }), shows: keptOfMebibyte, held: /^bounded$/ },
  { option: 'LogConfig Config max-file', beside: smallLog, without: logging({ 'max-file': undefined }), shows: keptOfMebibyte, held: /^bounded$/ },
];
