import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Api, apiOf } from '../support/api.ts';
import { containersOf } from '../support/docker.ts';
import { openServer, type TestServer } from '../support/server.ts';
import { until } from '../support/until.ts';

let server: TestServer;
let api: Api;

beforeAll(async () => {
  server = await openServer({ CORACLE_MAX_CONTAINERS: '4' });
  api = await apiOf(server);
});
afterAll(() => server[Symbol.asyncDispose]());

describe('languages', () => {
  const programs = [
    ['python', 'import sys\nprint("out"); print("err", file=sys.stderr); sys.exit(3)'],
    ['python3', 'import sys\nprint("out"); print("err", file=sys.stderr); sys.exit(3)'],
    ['javascript', 'console.log("out"); console.error("err"); process.exit(3)'],
    ['node', 'import { exit } from "node:process"; console.log("out"); console.error("err"); exit(3)'],
    ['typescript', 'enum Code { three = 3 }\nconsole.log("out"); console.error("err"); process.exit(Code.three)'],
    ['bash', 'echo out; echo err >&2; exit 3'],
    ['sh', 'echo out; echo err >&2; exit 3'],
    ['go', 'package main\nimport ("fmt"; "os")\nfunc main() { fmt.Println("out"); fmt.Fprintln(os.Stderr, "err"); os.Exit(3) }'],
    ['golang', 'package main\nimport ("fmt"; "os")\nfunc main() { fmt.Println("out"); fmt.Fprintln(os.Stderr, "err"); os.Exit(3) }'],
  ];
  it.each(programs)('%s keeps the streams apart and tells the exit code', async (language, code) => {
    const process = await api.run({ code, language });
    expect(process).toMatchObject({ status: 'failed', stdout: 'out\n', stderr: 'err\n', exit_code: 3, failure: { kind: 'exit' }, output_complete: true });
  });

  it('a Go program that does not compile ends with the compiler on standard error', async () => {
    const process = await api.run({ code: 'package main\nfunc main() { undefined() }', language: 'go' });
    expect(process).toMatchObject({ status: 'failed', exit_code: 1 });
    expect(process.stderr).toContain('undefined: undefined');
  });

  it('every process has a fresh /tmp/coracle, as a user of its own, with no capability and no way to write elsewhere', async () => {
    const code =
      'id -u; ls -A /tmp/coracle; grep -E "^(CapEff|CapBnd|NoNewPrivs)" /proc/self/status; touch /x /opt/x 2>&1; ls /sys/class/net; stat -fc %T /tmp/coracle; ps -eo comm= | sort';
    const process = await api.run({ code, language: 'bash' });
    expect(process.stdout.split('\n')).toEqual([
      expect.stringMatching(/^2\d{4}$/),
      'main.sh',
      'CapEff:\t0000000000000000',
      'CapBnd:\t0000000000000000',
      'NoNewPrivs:\t1',
      expect.stringContaining('Read-only file system'),
      expect.stringContaining('Read-only file system'),
      'lo',
      'tmpfs',
      'bash',
      'docker-init',
      'ps',
      'sort',
      '',
    ]);
  });
});

describe('the request reaches the program', () => {
  it('environment, with the request over the language, and nothing of the server', async () => {
    const env = { GREETING: 'grüße\n"x"', HOME: '/tmp', 'odd.name': '1' };
    const process = await api.run({ code: 'import os, json; print(json.dumps(dict(os.environ)))', env });
    const seen = JSON.parse(process.stdout);
    expect(seen).toMatchObject(env);
    expect(Object.keys(seen).filter((name) => name.startsWith('CORACLE'))).toEqual([]);
  });

  it('a variable as long as the kernel takes', async () => {
    const env = { LONG: 'x'.repeat(131_072 - 'LONG'.length - 2) };
    expect(await api.run({ code: 'echo ${#LONG}', language: 'bash', env })).toMatchObject({ status: 'completed', stdout: '131066\n' });
  });

  it('1 MiB of code', async () => {
    const code = `print(1)\n#${'é'.repeat(524_280)}`;
    expect(await api.run({ code })).toMatchObject({ status: 'completed', stdout: '1\n' });
  });

  it.each(['working_dir', 'workdir'])('%s, made when it is missing', async (field) => {
    const process = await api.run({ code: 'pwd; touch here', language: 'bash', [field]: `/workspace/made/${field}` });
    expect(process).toMatchObject({ status: 'completed', stdout: `/workspace/made/${field}\n`, working_dir: `/workspace/made/${field}` });
  });

  it('a working directory that cannot be entered is said on standard error', async () => {
    const process = await api.run({ code: 'pwd', language: 'bash', working_dir: '/nowhere' });
    expect(process).toMatchObject({ status: 'failed', exit_code: 126, stderr: expect.stringContaining('/nowhere') });
  });

  it('standard input is at its end', async () => {
    expect(await api.run({ code: 'wc -c', language: 'bash' })).toMatchObject({ status: 'completed', stdout: '0\n' });
  });
});

describe('the workspace', () => {
  it('is shared by the processes of a sandbox and by no others', async () => {
    await api.run({ code: 'open("note.txt", "w").write("mine")' });
    expect(await api.run({ code: 'cat /workspace/note.txt', language: 'bash' })).toMatchObject({ stdout: 'mine' });
    const elsewhere = await apiOf(server, 'acme', 'other');
    expect(await elsewhere.run({ code: 'ls /workspace; id -u', language: 'bash' })).toMatchObject({
      status: 'completed',
      stdout: expect.stringMatching(/^2\d{4}\n$/),
    });
    const stranger = await apiOf(server, 'globex');
    expect(await stranger.run({ code: 'ls -A /workspace', language: 'bash' })).toMatchObject({ stdout: '' });
  });

  it('modules in the working directory can be imported', async () => {
    await api.run({ code: 'mkdir -p lib; echo "answer = 42" > lib/deep_thought.py', language: 'bash' });
    expect(await api.run({ code: 'import deep_thought; print(deep_thought.answer)', working_dir: '/workspace/lib' })).toMatchObject({ stdout: '42\n' });
  });
});

describe('endings', () => {
  it('a time-out stops the process and keeps what it wrote', async () => {
    const process = await api.run({ code: 'trap "" TERM; echo before; while :; do sleep 1; done', language: 'bash', timeout: 1 });
    expect(process).toMatchObject({
      status: 'failed',
      timed_out: true,
      stdout: 'before\n',
      failure: { kind: 'timeout', message: expect.stringContaining('1 s') },
    });
  });

  it('a lack of memory is told from an exit code of 137', async () => {
    const hungry = await api.run({ code: 'x = bytearray(700 * 1024 * 1024)\nprint(len(x))' });
    expect(hungry).toMatchObject({ status: 'failed', failure: { kind: 'oom', message: expect.stringContaining('512 MiB') }, stdout: '' });
    expect(await api.run({ code: 'exit 137', language: 'bash' })).toMatchObject({ status: 'failed', exit_code: 137, failure: { kind: 'signal' } });
  });

  it('a signal is named', async () => {
    expect(await api.run({ code: 'kill -SEGV $$', language: 'bash' })).toMatchObject({
      exit_code: 139,
      failure: { kind: 'signal', message: expect.stringContaining('SIGSEGV') },
    });
  });

  it('a record tells its times in order', async () => {
    const { created_at, started_at, completed_at, execution_time } = await api.run({ code: 'sleep 0.2', language: 'bash' });
    const times = [created_at, started_at, completed_at].map((time) => Date.parse(time ?? ''));
    expect(times).toEqual([...times].sort((a, b) => a - b));
    expect(execution_time).toBeGreaterThan(0.1);
  });

  it('what ran leaves no container', async () => {
    await api.run({ code: 'true', language: 'bash' });
    await until(async () => (await containersOf(server.instance)).length === 0, 'the containers to be removed');
  });
});
