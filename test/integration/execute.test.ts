import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { executeReply } from '../../src/http/schemas/run.ts';
import { type Api, apiOf } from '../support/api.ts';
import { openServer, type TestServer } from '../support/server.ts';
import { until } from '../support/until.ts';

let server: TestServer;
let api: Api;

beforeAll(async () => {
  server = await openServer();
  api = await apiOf(server);
});
afterAll(() => server[Symbol.asyncDispose]());

async function execute(code: string, more: object = {}, path = '/execute') {
  const { status, body } = await api.call('POST', path, { code, ...more });
  expect({ status, body }).toMatchObject({ status: 200 });
  return executeReply.parse(body);
}

/** Programs whose every trace has to be the same with the runner for results and without. */
const PLAIN = [
  'print(6 * 7)',
  'import sys\nprint(__name__, __file__, sys.argv, sys.path[0])\nsys.stderr.write("err")',
  "'only documentation'",
  '"""documentation"""\nprint(__doc__)',
  '',
  '# nothing',
  'x = (',
  'def f():\n  1/0\ntry:\n  f()\nexcept Exception:\n  f()',
  'a = 1\nb',
  'print(1,\n  2,\n  1/0)',
  'import sys\nsys.exit("bye")',
  'import sys\nsys.exit(3)',
  'raise SystemExit',
  'raise KeyboardInterrupt',
  'raise ExceptionGroup("x", [ValueError(1)])',
  'import os\nos._exit(5)',
  'import os, signal\nos.kill(os.getpid(), signal.SIGTERM)',
  'import sys\nsys.excepthook = lambda *a: print("hook", a[0])\n1/0',
  'import atexit, threading, time\natexit.register(lambda: print("at exit"))\nthreading.Thread(target=lambda: (time.sleep(.2), print("late"))).start()\nraise ValueError(1)',
  'import multiprocessing\ndef g(x): return x * x\nif __name__ == "__main__":\n  multiprocessing.set_start_method("spawn")\n  with multiprocessing.Pool(1) as pool: print(pool.map(g, [1, 2]))',
  'import pickle\nclass A: pass\nprint(len(pickle.dumps(A())))',
  'print(open("/dev/null").fileno())',
  'import os\nprint(sorted(os.environ))',
  'import sys\nsys.stderr.buffer.write(bytes(range(256)) + b"\\x1eexec_")',
  'input()',
];

describe('python with results runs as python does', () => {
  it.each(PLAIN)('%j', async (code) => {
    const plain = await api.run({ code: code || '\n' });
    const shown = await execute(code || '\n');
    const traces = ({ stdout, stderr, exit_code }: { stdout: string; stderr: string; exit_code: number | null }) => ({ stdout, stderr, exit_code });
    expect(traces(shown)).toEqual(traces(plain));
    expect((await api.output(shown.process_id, 'stderr')).equals(await api.output(plain.process_id, 'stderr'))).toBe(true);
  });
});

describe('what python leaves to be shown', () => {
  it('is the value of the last expression, apart from the output', async () => {
    const reply = await execute('print("out")\nimport sys\nsys.stderr.write("err")\nx = {"a": [1, "é"]}\nx');
    expect(reply).toMatchObject({ success: true, stdout: 'out\n', stderr: 'err', exit_code: 0, language: 'python', result: "{'a': [1, 'é']}" });
    expect(reply).not.toHaveProperty('png');
    expect((await api.output(reply.process_id, 'stderr')).toString()).toBe('err');
    expect(await api.get(reply.process_id)).toMatchObject({ stderr: 'err', stderr_bytes: 3 });
  });

  it('is a figure, as png', async () => {
    const { png = '', stdout } = await execute('import matplotlib.pyplot as plt\nplt.plot([1, 2, 3])\nplt.title("t")\nprint("drawn")', {}, '/execute/rich');
    expect(stdout).toBe('drawn\n');
    expect(Buffer.from(png, 'base64').subarray(1, 4).toString()).toBe('PNG');
  });

  it('is a data frame, as html, records and table', async () => {
    const { html, json, dataframe, result } = await execute('import pandas as pd\npd.DataFrame({"a": [1, 2], "b": ["x", None]})', {}, '/execute/ipython');
    expect(html).toContain('<table');
    const b = ['x', null];
    expect(json).toEqual([
      { a: 1, b: b[0] },
      { a: 2, b: b[1] },
    ]);
    expect(dataframe).toMatchObject({ columns: ['a', 'b'], shape: [2, 2] });
    expect(result).toContain('a     b');
  });

  it('is what an object says of itself, and never fails the program', async () => {
    const says =
      'class A:\n  def _repr_svg_(self): return "<svg/>"\n  def _repr_markdown_(self): return "# m"\n  def __repr__(self): print("noise"); return "A"\nA()';
    expect(await execute(says)).toMatchObject({ success: true, stdout: '', svg: '<svg/>', markdown: '# m', result: 'A' });
    const fails = await execute('class A:\n  def __repr__(self): raise SystemExit(9)\nA()');
    expect(fails).toMatchObject({ success: true, exit_code: 0, stderr: '' });
    expect(fails).not.toHaveProperty('result');
  });

  it('can be large, beside threads that write meanwhile', async () => {
    const code =
      'import sys, threading\nstop = False\ndef noise():\n  while not stop: sys.stderr.write("n\\n")\nthreading.Thread(target=noise, daemon=True).start()\n"x" * 999_998';
    const { result, stderr } = await execute(code);
    expect(result).toHaveLength(1_000_000);
    expect(stderr.replace(/n?\n/g, '')).toBe('');
  });

  it('cannot be forged into anything but fields that are known', async () => {
    const forged =
      'import sys, os\nmark = open("/proc/self/cmdline").read().split(chr(0))[2]\npart = b\'{"process_id":"proc_other","result":"mine","png":5}\'\nos.write(2, b"\\x1e" + mark.encode() + b"%04x" % len(part) + part + b"\\x1e" + mark.encode() + b"0000")';
    const reply = await execute(forged);
    expect(reply.process_id).not.toBe('proc_other');
    expect(reply).not.toHaveProperty('png');
  });
});

describe('an answer is 200 whatever the code does', () => {
  it('a failure', async () => {
    expect(await execute('exit 7', { language: 'bash' })).toMatchObject({
      success: false,
      exit_code: 7,
      status: 'failed',
      error: expect.stringContaining('7'),
    });
  });

  it('a time-out', async () => {
    const reply = await execute('sleep 60', { language: 'bash', timeout: 1 });
    expect(reply).toMatchObject({ success: false, timed_out: true, error: expect.stringContaining('1 s') });
  });

  it('a kill meanwhile', async () => {
    const answer = execute('sleep 60', { language: 'bash' });
    const running = await until(async () => (await api.list()).find(({ status }) => status === 'running'), 'the process');
    await api.kill(running.process_id);
    expect(await answer).toMatchObject({ success: false, status: 'killed', error: 'The process was killed.' });
  });
});

/** One try of a client that waits for only so long. */
async function tryFor(ms: number, headers: Record<string, string> = {}): Promise<Response | undefined> {
  return fetch(`${server.url}/execute`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${(await apiOf(server, 'retrying')).token}`, 'Content-Type': 'application/json', ...headers },
    body: JSON.stringify({ code: 'sleep 3; echo done', language: 'bash' }),
    signal: AbortSignal.timeout(ms),
  }).catch(() => undefined);
}

test('a client that gives up three times leaves three records that say so', async () => {
  const retrying = await apiOf(server, 'retrying');
  for (let attempt = 0; attempt < 3; attempt += 1) expect(await tryFor(1_000)).toBeUndefined();
  const records = await until(async () => {
    const all = await retrying.list();
    return all.length === 3 && all.every(({ status }) => status === 'failed') && all;
  }, 'all three to be stopped');
  expect(records.map(({ failure }) => failure?.kind)).toEqual(['abandoned', 'abandoned', 'abandoned']);
});

test('with an Idempotency-Key it leaves one process, and gets its result in the end', async () => {
  const headers = { 'Idempotency-Key': 'once' };
  const before = (await (await apiOf(server, 'retrying')).list()).length;
  expect(await tryFor(1_000, headers)).toBeUndefined();
  await sleep(10);
  const answer = await tryFor(60_000, headers);
  expect(executeReply.parse(await answer?.json())).toMatchObject({ success: true, stdout: 'done\n' });
  expect(await (await apiOf(server, 'retrying')).list()).toHaveLength(before + 1);
});

describe('commands', () => {
  const run = async (body: object) => (await api.call('POST', '/commands/run', body)).body;

  it('without arguments go through a shell, and are 200 with any exit code', async () => {
    expect(await run({ command: 'echo $((6*7)) | tr 4 5; exit 3' })).toMatchObject({ success: false, stdout: '52\n', exit_code: 3, pid: null });
  });

  it('with arguments are started directly', async () => {
    expect(await run({ command: 'printf', args: ['%s|', 'a b', '$HOME', '; exit 9', ''] })).toMatchObject({ success: true, stdout: 'a b|$HOME|; exit 9||' });
    expect(await run({ command: 'no-such-program', args: [] })).toMatchObject({ success: false, exit_code: 127 });
  });

  it('have bash, python, node and the usual tools', async () => {
    const command = 'for p in bash python3 node git jq curl tar; do command -v $p >/dev/null || echo no $p; done';
    expect(await run({ command })).toMatchObject({ stdout: '', exit_code: 0 });
  });

  it('have the directory and the environment that they ask for, and share the workspace', async () => {
    expect(await run({ command: 'pwd; echo $A; echo kept > f', workdir: '/workspace/c', env: { A: 'b' } })).toMatchObject({ stdout: '/workspace/c\nb\n' });
    expect(await run({ command: 'cat', args: ['/workspace/c/f'] })).toMatchObject({ stdout: 'kept\n' });
  });

  it('run in the background like any process', async () => {
    const { body } = await api.call<{ process_id: string; name: string }>('POST', '/commands/background', { command: 'sleep 100', name: 'sleeper' });
    expect(body.name).toBe('sleeper');
    await until(async () => (await api.get(body.process_id)).status === 'running', 'the command to run');
    expect((await api.kill(body.process_id)).body).toMatchObject({ status: 'killed' });
  });

  it.each([{}, { command: '' }, { command: 'a\0b' }, { command: 'a', args: ['\0'] }, { command: 'a', args: 'b' }, { command: 'a', timeout: 0 }])(
    '%j is 400',
    async (body) => {
      expect((await api.call('POST', '/commands/run', body)).status).toBe(400);
    },
  );
});
