import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Api, apiOf } from '../support/api.ts';
import { openServer, type TestServer } from '../support/server.ts';

let server: TestServer;
let api: Api;

beforeAll(async () => {
  server = await openServer();
  api = await apiOf(server);
});
afterAll(() => server[Symbol.asyncDispose]());

const BYTES = Buffer.from(Array.from({ length: 256 }, (_, index) => index));

describe('what a program is given', () => {
  it.each([
    ['python', 'import sys; print(sys.argv[1:])', "['a', 'b c', '']\n"],
    ['bash', 'printf "[%s]" "$@"', '[a][b c][]'],
    ['javascript', 'console.log(JSON.stringify(process.argv.slice(2)))', '["a","b c",""]\n'],
    ['go', 'package main\nimport ("fmt"; "os")\nfunc main() { fmt.Printf("%q", os.Args[1:]) }', '["a" "b c" ""]'],
  ])('arguments: %s', async (language, code, stdout) => {
    expect(await api.run({ language, code, args: ['a', 'b c', ''] })).toMatchObject({ status: 'completed', stdout });
  });

  it('files, relative ones in the working directory, any bytes', async () => {
    const files = { 'in/data.bin': { data: BYTES.toString('base64'), encoding: 'base64' }, '/tmp/x': 'ä' };
    const code = 'pwd; sha256sum < in/data.bin; cat /tmp/x; find in/data.bin -printf " %m"';
    const { createHash } = await import('node:crypto');
    const sha = createHash('sha256').update(BYTES).digest('hex');
    const { stdout } = await api.run({ language: 'bash', code, working_dir: '/workspace/job', files });
    expect(stdout).toBe(`/workspace/job\n${sha}  -\nä 644`);
  });

  it('a file outside of what is its own is refused', async () => {
    const { status, body } = await api.call('POST', '/execute/background', { code: '1', files: { '/etc/x': '' } });
    expect([status, body['code'], body['message']]).toEqual([400, 'INVALID_REQUEST', expect.stringContaining('files: ')]);
  });

  it('a standard input that is known from the start, any bytes, and nothing of it left', async () => {
    const stdin = { data: BYTES.toString('base64'), encoding: 'base64' };
    const { process_id, stderr } = await api.run({ language: 'bash', code: 'cat; ls -A /tmp /tmp/coracle >&2', stdin });
    expect((await api.output(process_id, 'stdout')).equals(BYTES)).toBe(true);
    expect(stderr).not.toContain('input');
    const large = 'x'.repeat(3_000_000);
    expect(await api.run({ language: 'go', code: GO_COUNT, stdin: large })).toMatchObject({ stdout: '3000000' });
  });

  it.each([undefined, '', { data: '' }])('end of file at once without one, or with an empty one (%j)', async (stdin) => {
    expect(await api.run({ language: 'bash', code: 'wc -c', ...(stdin === undefined ? {} : { stdin }) })).toMatchObject({ stdout: '0\n' });
  });
});

const GO_COUNT = 'package main\nimport ("fmt"; "io"; "os")\nfunc main() { all, _ := io.ReadAll(os.Stdin); fmt.Print(len(all)) }';

describe('limits of a request', () => {
  const asked = { memory_mb: 64, cpus: 0.5, pids: 40, disk_mb: 16, output_bytes: 100_000 };

  it('are in force, and shown', async () => {
    const code = 'ulimit -a >/dev/null; df -m --output=size /tmp/coracle | tail -1';
    const { body } = await api.call('POST', '/execute/background', { language: 'bash', code, limits: asked });
    expect(body['limits']).toEqual(asked);
    const process = await api.ended(String(body['process_id']));
    expect(process.limits).toEqual(asked);
    expect(process.stdout.trim()).toBe('16');
    const hungry = await api.run({ code: 'x = bytearray(100 << 20); print(len(x))', limits: { memory_mb: 64 } });
    expect(hungry).toMatchObject({ status: 'failed', failure: { kind: 'oom', message: expect.stringContaining('64 MiB') } });
  });

  it('count its processes', async () => {
    const { stderr } = await api.run({ language: 'bash', code: 'for i in $(seq 60); do sleep 1 & done; wait', limits: asked });
    expect(stderr).toContain('Resource temporarily unavailable');
  });

  it('that are too high are cut, and the answer says to what', async () => {
    const { body } = await api.call('POST', '/execute/background', { language: 'bash', code: '1', limits: { memory_mb: 1_000_000, cpus: 1_000 } });
    expect(body['limits']).toMatchObject({ memory_mb: 512, cpus: 1, pids: 128, disk_mb: 64 });
    await api.ended(String(body['process_id']));
  });
});
