import { spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PROJECT_ROOT } from '../../src/version.ts';
import { type Api, apiOf } from '../support/api.ts';
import { type BuiltServer, buildServer, coracle } from '../support/built.ts';
import { type TempFolder, tempFolder } from '../support/temp-folder.ts';
import { until } from '../support/until.ts';

let server: BuiltServer;
let api: Api;
let folder: TempFolder;

beforeAll(async () => {
  server = await buildServer();
  api = await apiOf(server, 'demo');
  folder = await tempFolder();
});

afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

interface Outcome {
  readonly exit: number | NodeJS.Signals | null;
  readonly stdout: Buffer;
  readonly stderr: string;
}

const COMMAND = `${process.execPath} ${join(PROJECT_ROOT, 'dist', 'cli', 'coracle.js')}`;
const environment = () => ({ CORACLE_URL: server.url, CORACLE_DATA_DIR: server.dataDir });
const start = (args: readonly string[]) => coracle(args, environment());

/** Runs a command to its end, with this on its standard input. */
async function cli(args: readonly string[], input: string | Uint8Array = ''): Promise<Outcome> {
  const run = start(args);
  run.child.stdin?.on('error', () => undefined).end(input);
  const exit = await run.exit;
  return { exit, stdout: run.stdout(), stderr: run.stderr() };
}

async function file(name: string, text: string): Promise<string> {
  const path = join(folder.path, name);
  await writeFile(path, text);
  return path;
}

const text = ({ stdout, ...rest }: Outcome) => ({ ...rest, stdout: String(stdout) });

/** The newest process, once it has got this status. */
const newest = (status: string) =>
  until(async () => (await api.list()).find((process, index) => index === 0 && process.status === status), `a process that is ${status}`);

describe('coracle run behaves like the program: ', () => {
  it('its exit code, its output and its errors, each on its own stream', async () => {
    const code = 'import sys; print("out"); print("err", file=sys.stderr); sys.exit(7)';
    expect(text(await cli(['run', '-c', code]))).toEqual({ exit: 7, stdout: 'out\n', stderr: 'err\n' });
    expect(text(await cli(['run', await file('ok.sh', 'echo $0')]))).toMatchObject({ exit: 0, stderr: '' });
  });

  it('every byte, also many of them', async () => {
    const code = 'import sys; sys.stdout.buffer.write(bytes(range(256)) * 16384)';
    const { exit, stdout } = await cli(['run', '-c', code]);
    expect(exit).toBe(0);
    expect(
      stdout.equals(
        Buffer.alloc(
          4_194_304,
          Uint8Array.from({ length: 256 }, (_, byte) => byte),
        ),
      ),
    ).toBe(true);
  });

  it('the end by a signal', async () => {
    expect(text(await cli(['run', '-l', 'bash', '-c', 'kill -TERM $$']))).toEqual({ exit: 143, stdout: '', stderr: '' });
  });

  it('code on standard input', async () => {
    expect(text(await cli(['run', '-l', 'sh'], 'echo from $SHELL_NAME; exit 3'))).toEqual({ exit: 3, stdout: 'from\n', stderr: '' });
    expect(text(await cli(['run', '-'], 'print(6 * 7)'))).toEqual({ exit: 0, stdout: '42\n', stderr: '' });
  });

  it('environment, time-out, name and folder', async () => {
    const code = 'echo $A $PWD; sleep 60';
    const ended = await cli(['run', '-l', 'bash', '-e', 'A=b=c', '--name', 'chosen', '-t', '1s', '-w', '/workspace/x', '-c', code]);
    expect(text(ended)).toEqual({ exit: 124, stdout: 'b=c /workspace/x\n', stderr: expect.stringMatching(/^coracle: .*time-out of 1 s.*\n$/) });
    expect(await newest('failed')).toMatchObject({ name: 'chosen' });
  });

  it('its arguments', async () => {
    const path = await file('args.py', 'import sys; print(sys.argv[1:])');
    expect(text(await cli(['run', path, '--lang', 'x', '-h', 'a b', '']))).toEqual({ exit: 0, stdout: "['--lang', 'x', '-h', 'a b', '']\n", stderr: '' });
  });

  it('a place in a pipeline', async () => {
    const path = await file('square.py', 'n = int(input())\nfor i in range(n): print(i * i)');
    const { PATH, HOME } = process.env;
    const shell = spawn('sh', ['-c', `echo 3 | ${COMMAND} run --lang python ${path} | wc -l`], { env: { PATH, HOME, ...environment() } });
    expect((await buffer(shell.stdout)).toString().trim()).toBe('3');
  });

  it('its standard input, short or long, byte for byte', async () => {
    const bytes = Buffer.alloc(
      5_000_000,
      Uint8Array.from({ length: 256 }, (_, byte) => byte),
    );
    const copy = ['run', '-l', 'bash', '-c', 'cat'];
    expect((await cli(copy, bytes.subarray(0, 1_000))).stdout.equals(bytes.subarray(0, 1_000))).toBe(true);
    expect((await cli(copy, bytes)).stdout.equals(bytes)).toBe(true);
    expect((await cli(copy, '')).stdout).toHaveLength(0);
  });

  it('its standard input as it comes', async () => {
    const run = start(['run', '-c', 'import sys\nfor line in sys.stdin: print(line.strip() * 2, flush=True)\nprint("end")']);
    for (const [line, printed] of [
      ['ab', 'abab\n'],
      ['c', 'abab\ncc\n'],
    ] as const) {
      run.child.stdin?.write(`${line}\n`);
      await until(() => String(run.stdout()) === printed, `the answer to ${line}`);
    }
    run.child.stdin?.end();
    expect(await run.exit).toBe(0);
    expect(String(run.stdout())).toBe('abab\ncc\nend\n');
  });

  it('no end of its input that it does not need', async () => {
    const run = start(['run', '-l', 'bash', '-c', 'read line; echo got $line; exit 4']);
    run.child.stdin?.write('x\n');
    expect(await run.exit).toBe(4);
    expect(String(run.stdout())).toBe('got x\n');
  });

  it.each([
    ['SIGINT', 'KeyboardInterrupt'],
    ['SIGTERM', 'SystemExit 15'],
    ['SIGHUP', 'SystemExit 1'],
    ['SIGUSR1', 'SystemExit 10'],
  ] as const)('%s reaches it', async (signal, printed) => {
    const code = `
import signal, sys, time
for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1): signal.signal(number, lambda got, _: sys.exit(got))
print("up", flush=True)
try: time.sleep(60)
except BaseException as error: print(type(error).__name__, error, flush=True); sys.exit(9)
`;
    const run = start(['run', '-c', code]);
    await until(() => String(run.stdout()) === 'up\n', 'it to be up');
    run.child.kill(signal);
    expect(await run.exit).toBe(9);
    expect(String(run.stdout()).trim()).toBe(`up\n${printed}`);
    expect(run.stderr()).toBe('');
  });

  it('a terminal: what is typed, and Ctrl-C', async () => {
    const code = 'import time\nname = input("name? ")\ntry:\n print("hi", name)\n time.sleep(60)\nexcept KeyboardInterrupt: raise SystemExit(5)';
    const { PATH, HOME } = process.env;
    const typed = `exec ${COMMAND} run ${await file('typed.py', code)}`;
    const terminal = spawn('script', ['-qefc', typed, '/dev/null'], { env: { PATH, HOME, SHELL: '/bin/sh', ...environment() } });
    let shown = '';
    terminal.stdout.on('data', (chunk) => (shown += chunk));
    const exit = new Promise((resolve) => terminal.on('close', resolve));
    for (const [keys, answer] of [
      ['', 'name? '],
      ['bob\n', 'hi bob'],
    ] as const) {
      terminal.stdin.write(keys);
      await until(() => shown.includes(answer), `"${answer}"`);
    }
    terminal.stdin.write('\x03');
    expect(await exit).toBe(5);
  });

  it('a second interrupt ends what does not heed the first', async () => {
    const run = start(['run', '-l', 'bash', '-c', 'trap "echo no" INT TERM; echo up; while :; do sleep 0.1; done']);
    await until(() => String(run.stdout()) === 'up\n', 'it to be up');
    run.child.kill('SIGINT');
    await until(() => String(run.stdout()) === 'up\nno\n', 'its refusal');
    run.child.kill('SIGINT');
    expect(await run.exit).toBe(137);
  });

  it('a reader that leaves ends it, in silence', async () => {
    const run = start(['run', '-l', 'bash', '-c', 'while echo y; do sleep 0.05; done']);
    await until(() => run.stdout().length > 4, 'its first lines');
    run.child.stdout?.destroy();
    expect(await run.exit).toBe(141);
    expect(run.stderr()).toBe('');
    await newest('killed');
  });
});

it('coracle run goes on over restarts of the server, and so does a short input', async () => {
  const code = 'import time, sys\nfor i in range(120):\n print(i, flush=True)\n time.sleep(0.05)\nprint(sys.stdin.read())\nsys.exit(6)';
  const run = start(['run', '-c', code]);
  run.child.stdin?.end('the input');
  for (const signal of ['SIGKILL', 'SIGTERM'] as const) {
    const before = run.stdout().length;
    await until(() => run.stdout().length > before + 20, 'more lines');
    await server.stop(signal);
    await server.start();
  }
  expect(await run.exit).toBe(6);
  expect(String(run.stdout())).toBe(`${Array.from({ length: 120 }, (_, i) => `${i}\n`).join('')}the input\n`);
  expect(run.stderr()).toBe('');
});

it('coracle run can be interrupted while its process waits for a place', async () => {
  await using busy = await buildServer({ CORACLE_MAX_CONTAINERS: '1' });
  const other = await apiOf(busy, 'demo');
  const first = await other.submit({ code: 'sleep 600', language: 'bash' });
  const run = coracle(['run', '-l', 'bash', '-c', 'echo never'], { CORACLE_URL: busy.url, CORACLE_DATA_DIR: busy.dataDir });
  await until(async () => (await other.list()).length === 2, 'it to wait');
  run.child.kill('SIGINT');
  expect(await run.exit).toBe(137);
  expect(run.output()).toBe('');
  expect((await other.list()).map(({ status, process_id }) => [status, process_id === first])).toEqual([
    ['killed', false],
    ['running', true],
  ]);
});

describe('coracle run fails by itself with 125: ', () => {
  it.each([
    [['run', '-c', '1', '-l', 'cobol'], /^coracle: Unknown language "cobol"/],
    [['run', 'no/such/file.py'], /^coracle: no\/such\/file\.py cannot be read: ENOENT/],
    [['run', '-c', '1', '--no-such'], /no-such/],
    [['run', '-c', '1', '-e', 'SURELY_NOT_SET'], /SURELY_NOT_SET=VALUE/],
    [['run', '-c', '1', '-t', 'long'], /no duration/],
    [['run', '-c', '1', '--token', 'bad'], /CORACLE_TOKEN/],
  ])('%j', async (args, words) => {
    const { exit, stderr } = await cli(args);
    expect(exit).toBe(125);
    expect(stderr).toMatch(words);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  });
});

describe('coracle run --detach and coracle logs', () => {
  it('leave a process running, and show what it has printed and prints', async () => {
    const detached = await cli(['run', '-d', '-l', 'bash', '-c', 'echo a; sleep 0.5; echo b >&2; sleep 3; echo c']);
    const id = String(detached.stdout).trim();
    await until(async () => (await api.get(id)).stderr === 'b\n', 'its first lines');
    expect(text(await cli(['logs', id]))).toEqual({ exit: 0, stdout: 'a\n', stderr: 'b\n' });
    expect(await api.get(id)).toMatchObject({ status: 'running' });
    expect(text(await cli(['logs', '-f', id]))).toEqual({ exit: 0, stdout: 'a\nc\n', stderr: 'b\n' });
    expect(text(await cli(['logs', '--stream', 'stderr', id]))).toEqual({ exit: 0, stdout: '', stderr: 'b\n' });
    const events = (await cli(['logs', '-f', '--json', id])).stdout
      .toString()
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(events.map(({ type, data, process }) => data ?? `${type} ${process.status}`)).toEqual([
      'status queued',
      'status running',
      'a\n',
      'b\n',
      'c\n',
      'status completed',
    ]);
  });

  it('print the answer of the server as JSON', async () => {
    expect(JSON.parse(String((await cli(['run', '-d', '--json', '-c', '1'])).stdout))).toMatchObject({ process_id: expect.stringMatching(/^proc_/) });
  });
});
