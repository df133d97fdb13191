import { createHmac, randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Sandbox } from '@hopx-ai/sdk';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Hopx, openHopx } from '../support/hopx.ts';
import { openReceiver } from '../support/receiver.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { until } from '../support/until.ts';

let hopx: Hopx;
let sandbox: Sandbox;

beforeAll(async () => {
  hopx = await openHopx({ CORACLE_WEBHOOK_ALLOW_PRIVATE: 'true' });
  sandbox = await hopx.create({ envVars: { OF_SANDBOX: 'yes' } });
});
afterAll(() => hopx[Symbol.asyncDispose]());

describe('runCode', () => {
  it('answers output, exit code and what there is to be shown', async () => {
    const result = await sandbox.runCode('import os\nprint(os.environ["OF_SANDBOX"], os.environ["MINE"])\n6 * 7', { env: { MINE: 'too' } });
    expect(result).toMatchObject({ success: true, stdout: 'yes too\n', stderr: '', exit_code: 0, language: 'python', result: '42' });
    expect(result.execution_time).toBeGreaterThan(0);
    const drawn = await sandbox.runCode('import matplotlib.pyplot as plt\nplt.plot([1, 2])');
    expect(drawn.richOutputs?.map(({ type }) => type)).toContain('image/png');
    const frame = await sandbox.runCode('import pandas as pd\npd.DataFrame({"a": [1]})');
    expect(frame.richOutputs?.map(({ type }) => type)).toEqual(expect.arrayContaining(['text/html', 'application/json']));
    expect((await sandbox.runIpython('print("older name")')).stdout).toBe('older name\n');
  });

  it.each([
    ['javascript', 'console.log([1, 2].map((x) => x * 2).join())', '2,4\n'],
    ['bash', 'echo $((6 * 7)); pwd', '42\n/workspace\n'],
    ['go', 'package main\nimport "fmt"\nfunc main() { fmt.Println(42) }', '42\n'],
  ])('runs %s', async (language, code, stdout) => {
    expect(await sandbox.runCode(code, { language })).toMatchObject({ success: true, stdout });
  });

  it('takes failing code and a time-out as answers, and runs them once', async () => {
    const before = (await sandbox.listProcesses()).length;
    expect(await sandbox.runCode('raise ValueError("no")')).toMatchObject({ success: false, exit_code: 1, stderr: expect.stringContaining('ValueError: no') });
    expect(await sandbox.runCode('import time; time.sleep(60)', { timeout: 1 })).toMatchObject({ success: false });
    expect(await sandbox.listProcesses()).toHaveLength(before + 2);
  });
});

it('runCodeAsync posts the result to a receiver, which verifies the signature', async () => {
  await using receiver = await openReceiver();
  const options = { callbackUrl: `${receiver.url}/hook`, callbackHeaders: { Authorization: 'Bearer mine' }, callbackSignatureSecret: 'key' };
  const accepted = await sandbox.runCodeAsync('print("done")', options);
  expect(accepted).toMatchObject({ status: 'queued', callback_url: options.callbackUrl });
  const [call] = await receiver.got(1);
  const { headers, text } = call as NonNullable<typeof call>;
  expect(headers['x-hopx-signature']).toBe(`sha256=${createHmac('sha256', 'key').update(`${headers['x-hopx-timestamp']}${text}`).digest('hex')}`);
  expect(headers.authorization).toBe('Bearer mine');
  expect(JSON.parse(text)).toMatchObject({ execution_id: accepted.execution_id, status: 'completed', success: true, stdout: 'done\n', exit_code: 0 });
});

describe('runCodeStream', () => {
  const stream = async (code: string, language = 'python') => {
    const messages: { type: string; data?: string; exit_code?: number; success?: boolean }[] = [];
    for await (const message of sandbox.runCodeStream(code, { language })) messages.push(message as (typeof messages)[number]);
    return messages;
  };
  const textOf = (messages: Awaited<ReturnType<typeof stream>>) => messages.map(({ data = '' }) => data).join('');

  it('yields the output as it comes and ends', async () => {
    const messages = await stream('import time\nfor i in range(3):\n    print(i, flush=True)\n    time.sleep(0.1)');
    expect(textOf(messages)).toBe('0\n1\n2\n');
    expect(messages.slice(-2)).toMatchObject([
      { type: 'result', exit_code: 0 },
      { type: 'complete', success: true },
    ]);
  });

  it('loses nothing of much output in a burst', async () => {
    const messages = await stream('seq -f "line %g" 30000', 'bash');
    expect(textOf(messages)).toBe(Array.from({ length: 30_000 }, (_, index) => `line ${index + 1}\n`).join(''));
  });

  it('ends for what is refused', async () => {
    expect(await stream('x', 'cobol')).toMatchObject([
      { type: 'error', code: 'INVALID_REQUEST' },
      { type: 'complete', success: false },
    ]);
  });
});

describe('commands', () => {
  it('run, with any exit code, environment and directory', async () => {
    const options = { env: { A: 'b c' }, workingDir: '/workspace/made' };
    expect(await sandbox.commands.run('echo "$A $OF_SANDBOX" | tr b d; pwd; exit 3', options)).toMatchObject({
      success: false,
      stdout: 'd c yes\n/workspace/made\n',
      exit_code: 3,
    });
  });

  it('run in the background, and are listed and killed', async () => {
    const { process_id } = (await sandbox.commands.runBackground('sleep 600')) as unknown as { process_id: string };
    await until(async () => (await sandbox.listProcesses()).some((each) => each.process_id === process_id && each.status === 'running'), 'the command');
    await sandbox.killProcess(process_id);
    expect(await sandbox.commands.run('true', { background: true })).toMatchObject({ status: 'queued' });
  });
});

describe('files', () => {
  it('are written, read, listed, looked for and removed', async () => {
    await sandbox.files.write('/workspace/data/héllo.txt', 'grüße\n');
    await sandbox.files.write('/workspace/data/run.sh', '#!/bin/bash\necho ran', { mode: '0755' });
    expect(await sandbox.files.read('/workspace/data/héllo.txt')).toBe('grüße\n');
    expect((await sandbox.commands.run('/workspace/data/run.sh')).stdout).toBe('ran\n');
    await sandbox.files.mkdir('/workspace/data/sub');
    const listed = await sandbox.files.list('/workspace/data');
    expect(listed.map(({ name, is_dir, permissions }) => ({ name, is_dir, permissions }))).toEqual([
      { name: 'héllo.txt', is_dir: false, permissions: 'rw-r--r--' },
      { name: 'run.sh', is_dir: false, permissions: 'rwxr-xr-x' },
      { name: 'sub', is_dir: true, permissions: 'rwxr-xr-x' },
    ]);
    await sandbox.files.remove('/workspace/data');
    expect(await sandbox.files.exists('/workspace/data')).toBe(false);
    expect(await sandbox.files.exists('/workspace')).toBe(true);
  });

  it('are exact whatever their bytes, in /tmp too, and of 50 MB', async () => {
    const bytes = Buffer.concat([Buffer.from(Array.from({ length: 256 }, (_, byte) => byte)), randomBytes(100_000)]);
    await sandbox.files.writeBytes('/tmp/bytes', bytes, { mode: '0600' });
    expect((await sandbox.files.readBytes('/tmp/bytes')).equals(bytes)).toBe(true);
    const large = randomBytes(50 * 1024 * 1024);
    await sandbox.files.writeBytes('/workspace/large', large);
    expect((await sandbox.files.download('/workspace/large')).equals(large)).toBe(true);
  });

  it('are uploaded from a disk', async () => {
    await using folder = await tempFolder();
    const bytes = randomBytes(5_000_000);
    await writeFile(join(folder.path, 'local.bin'), bytes);
    await sandbox.files.upload(join(folder.path, 'local.bin'), '/workspace/up/loaded.bin');
    expect((await sandbox.files.readBytes('/workspace/up/loaded.bin')).equals(bytes)).toBe(true);
  });

  it('that are not there, or not the sandbox’s, are errors of their own', async () => {
    await expect(sandbox.files.read('/workspace/none')).rejects.toMatchObject({ name: 'FileNotFoundError', path: '/workspace/none' });
    await expect(sandbox.files.read('/etc/passwd')).rejects.toMatchObject({ statusCode: 403, code: 'PATH_NOT_ALLOWED' });
    await expect(
      sandbox.files.write('/workspace/twice', '1').then(() => sandbox.files.write('/workspace/twice', '2', { overwrite: false })),
    ).rejects.toMatchObject({ code: 'FILE_ALREADY_EXISTS' });
  });

  it('are watched', async () => {
    await sandbox.files.mkdir('/workspace/watched');
    const changes = sandbox.watchFiles('/workspace/watched');
    const first = changes.next();
    let hasCome = false;
    void first.then(() => {
      hasCome = true;
    });
    for (let count = 0; !hasCome; count += 1) await sandbox.files.write(`/workspace/watched/${count}`, 'x');
    expect((await first).value).toMatchObject({ type: 'change', event: 'created', path: expect.stringMatching(/^\/workspace\/watched\/\d+$/) });
  });
});

it('the terminal is one, and takes its size', async () => {
  const { terminal } = sandbox;
  const connection = await terminal.connect();
  terminal.resize(connection, 100, 40);
  terminal.sendInput(connection, 'stty size; echo "$OF_SANDBOX"; exit 5\n');
  let shown = '';
  let code: number | undefined;
  for await (const message of terminal.output(connection) as AsyncIterable<{ type: string; data?: string; code?: number }>) {
    shown += message.data ?? '';
    code = message.code;
  }
  expect(shown).toContain('40 100');
  expect(code).toBe(5);
  connection.close();
});
