import { execFile } from 'node:child_process';
import { mkdtemp, readFile, stat } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { readInstance } from '../../src/instance.ts';
import { VERSION } from '../../src/version.ts';
import { buildServer, coracle } from '../support/built.ts';
import { cleanEngine } from '../support/docker.ts';
import { until } from '../support/until.ts';

async function outcome(args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const run = coracle(args, env);
  return { exit: await run.exit, output: run.output() };
}

const newFolder = () => mkdtemp(join(tmpdir(), 'coracle-cli-'));

describe('coracle token', () => {
  it('mints a token that the server on the same data folder takes', async () => {
    await using server = await buildServer();
    const { exit, output } = await outcome(['token', '--tenant', 'acme', '--ttl', '1h'], { CORACLE_DATA_DIR: server.dataDir });
    expect(exit).toBe(0);
    const response = await fetch(`${server.url}/execute/processes`, { headers: { Authorization: `Bearer ${output.trim()}` } });
    expect(response.status).toBe(200);
  });

  it('makes the secret when there is none yet, for its owner only', async () => {
    const dataDir = join(await newFolder(), 'data');
    expect(await outcome(['token', '--tenant', 'acme'], { CORACLE_DATA_DIR: dataDir })).toMatchObject({ exit: 0 });
    expect((await stat(join(dataDir, 'jwt-secret'))).mode & 0o777).toBe(0o600);
  });

  it.each([
    [['token'], /say whose token/],
    [['token', '--tenant', 'a b'], /tenant/],
    [['token', '--tenant', 'acme', '--scope', 'everything'], /scopes/],
    [['token', '--tenant', 'acme', '--ttl', 'soon'], /no duration.*24h/],
    [['keys'], /create, list or revoke/],
    [['keys', 'create'], /whose key/],
    [['keys', 'create', '--tenant', 'acme', '--scope', 'all'], /no scope "all".*sandboxes/],
    [['keys', 'revoke', 'key_x'], /no key "key_x"/],
    [['dance'], /no command "dance".*--help/],
    [['token', '--tenant', 'acme', 'more'], /more/],
    [['serve', '--fast'], /--fast/],
  ])('%j is refused in words, with exit code 2', async (args, words) => {
    const { exit, output } = await outcome(args, { CORACLE_DATA_DIR: await newFolder() });
    expect(exit).toBe(2);
    expect(output).toMatch(words);
    expect(output).not.toContain('    at ');
  });
});

describe('coracle keys', () => {
  it('makes a key that the running server takes, shows it once, and has it refused when it is revoked', async () => {
    await using server = await buildServer();
    const keys = (...words: string[]) => outcome(['keys', ...words], { CORACLE_DATA_DIR: server.dataDir });
    const { exit, output } = await keys('create', '--tenant', 'acme', '--name', 'ci');
    expect(exit).toBe(0);
    const key = output.trim();
    const ask = async (headers: Record<string, string>) => (await fetch(`${server.url}/execute/processes`, { headers })).status;
    expect(await ask({ 'X-API-Key': key })).toBe(200);
    expect(await ask({ Authorization: `Bearer ${key}` })).toBe(200);
    const { output: list } = await keys('list', '--tenant', 'acme');
    expect(list).toMatch(/^key_\S+ +acme +ci +.*valid$/m);
    expect(list).not.toContain(key.slice(4));
    expect(await keys('revoke', /key_\S+/.exec(list)?.[0] ?? '')).toMatchObject({ exit: 0, output: expect.stringContaining('revoked') });
    expect(await ask({ 'X-API-Key': key })).toBe(401);
    expect((await keys('list')).output).toMatch(/revoked$/m);
  });
});

describe('what is done to keys', () => {
  it("stands in the server's audit log, where that is a file, by whom and without the key", async () => {
    const folder = await newFolder();
    const auditLog = join(folder, 'audit');
    const keys = (...words: string[]) => outcome(['keys', ...words], { CORACLE_DATA_DIR: join(folder, 'data'), CORACLE_AUDIT_LOG: auditLog });
    const { output: secret } = await keys('create', '--tenant', 'acme');
    const [id = ''] = /key_\S+/.exec((await keys('list')).output) ?? [];
    await keys('revoke', id);
    await keys('revoke', 'key_x');
    const written = await readFile(auditLog, 'utf8');
    const entries = written
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    const shared = { tenant: 'acme', target: id, subject: userInfo().username, credential: 'operator', address: 'local', status: 200 };
    expect(entries).toMatchObject([
      { ...shared, action: 'coracle keys create' },
      { ...shared, action: 'coracle keys revoke' },
    ]);
    expect(written).not.toContain(secret.trim());
    expect((await stat(auditLog)).mode & 0o777).toBe(0o600);
  });

  it('is not done when that cannot be opened', async () => {
    const folder = await newFolder();
    const env = { CORACLE_DATA_DIR: join(folder, 'data') };
    expect(await outcome(['keys', 'create', '--tenant', 'acme'], { ...env, CORACLE_AUDIT_LOG: folder })).toMatchObject({ exit: 1 });
    expect((await outcome(['keys', 'list'], env)).output).not.toContain('acme');
  });
});

describe('coracle serve', () => {
  it('prints a token and calls that work when pasted', async () => {
    const dataDir = await newFolder();
    const run = coracle(['serve', '--hello'], { CORACLE_PORT: '0', CORACLE_DATA_DIR: dataDir });
    // Lines of the log may come in between, and after.
    const greeted = () =>
      run
        .stdout()
        .toString()
        .match(/^curl .*(?=\n)/gm) ?? [];
    const lines = await until(() => (greeted().length === 2 ? greeted() : undefined), 'the greeting');
    const paste = async (line: string | undefined) => (await promisify(execFile)('sh', ['-c', line ?? ''])).stdout;
    expect(await paste(lines[0])).toContain('"status":"queued"');
    await until(async () => (await paste(lines[1])).includes('"stdout":"42\\n"'), 'the output');
    run.child.kill('SIGTERM');
    expect(await run.exit).toBe(0);
    await cleanEngine(readInstance(dataDir));
  });

  it('names every problem of its configuration at once', async () => {
    const { exit, output } = await outcome(['serve'], { CORACLE_PORT: 'many', CORACLE_JWT_SECRET: 'short', CORACLE_PORTS: '1' });
    expect(exit).toBe(1);
    for (const name of ['CORACLE_PORT:', 'CORACLE_JWT_SECRET:', 'CORACLE_PORTS:']) expect(output).toContain(name);
  });

  it('says what to do when the port is taken', async () => {
    await using server = await buildServer();
    const { port } = new URL(server.url);
    const { exit, output } = await outcome(['serve', '--port', port, '--data-dir', await newFolder()], { CORACLE_PORT: '0' });
    expect(exit).toBe(1);
    expect(output).toContain('set CORACLE_PORT');
  });
});

it('--help tells the commands, and each its options and examples', async () => {
  expect(await outcome(['--help'])).toMatchObject({ exit: 0, output: expect.stringMatching(/^ {2}token +print a token/m) });
  expect(await outcome(['token', '--help'])).toMatchObject({ exit: 0, output: expect.stringContaining('coracle token --tenant acme') });
});

it('--version tells which it is', async () => {
  expect(await outcome(['--version'])).toEqual({ exit: 0, output: `${VERSION}\n` });
});
