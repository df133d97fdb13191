import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { until } from '../support/until.ts';
import { bytesOf, openWorkspace, type TestWorkspace } from '../support/workspace.ts';

const MIB = 1024 * 1024;
const MOST_MIB = 32;
const TIB = 2 ** 40;

let files: TestWorkspace;

beforeAll(async () => {
  files = await openWorkspace({ mostBytes: MOST_MIB * MIB, workspaceBytes: 2 * TIB });
});
afterAll(() => files[Symbol.asyncDispose]());

/** Begins to read a file that no buffer on the way can hold, does something to it, and reads on. */
async function readWhile(code: string): Promise<{ size: number; data: Promise<Buffer> }> {
  await files.run('yes first | head -c 16M > large; rm -f other; yes second | head -c 16M > other');
  const { size, data } = await files.workspace.read(files.at('large'));
  const first = await data.next();
  await files.run(code);
  return { size, data: bytesOf(withFirst(first.value ?? Buffer.alloc(0), data)) };
}

async function* withFirst(first: Uint8Array, rest: AsyncGenerator<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield first;
  yield* rest;
}

/** Finds a large file as an artifact, does something to it while it is read, and reads on, to the end of all. */
async function findWhile(code: string): Promise<Buffer> {
  await files.run('yes first | head -c 16M > large');
  const read: Uint8Array[] = [];
  for await (const { content } of files.find('/workspace/large')) {
    for await (const piece of content) {
      if (read.push(piece) === 1) await files.run(code);
    }
  }
  return Buffer.concat(read);
}

describe('an artifact that changes while it is read', () => {
  it('is none when it becomes shorter: nothing that nobody wrote is kept', async () => {
    await expect(findWhile('truncate -s 1000 large')).rejects.toThrow('could not be read to their end');
  });

  it('is what it was when it becomes longer', async () => {
    expect((await findWhile('echo more >> large')).equals(Buffer.alloc(16 * MIB, 'first\n'))).toBe(true);
  });
});

describe('a file that changes while it is read', () => {
  const whole = Buffer.alloc(16 * MIB, 'first\n');

  it('breaks off when it becomes shorter', async () => {
    const { data } = await readWhile('truncate -s 1000 large');
    await expect(data).rejects.toMatchObject({ code: 'FILE_OPERATION_FAILED', path: 'large' });
  });

  it.each(['echo more >> large', 'mv other large', 'rm large', 'chmod 0 large', 'rm large; ln -s /etc/passwd large'])('is exact after %s', async (code) => {
    const { size, data } = await readWhile(code);
    expect(size).toBe(whole.length);
    expect((await data).equals(whole)).toBe(true);
    await files.run('rm -f large');
  });

  it('is never more than it was when it was opened', async () => {
    const growing = await files.start('while :; do echo grow >> growing; done');
    await until(() => files.workspace.exists(files.at('growing')), 'it to grow');
    const { size, data } = await files.workspace.read(files.at('growing'));
    expect((await bytesOf(data)).length).toBe(size);
    await growing.dispose();
  });
});

describe('what is no file of a size that can be read', () => {
  it('is refused before anything is sent', async () => {
    await files.run(`truncate -s 1T vast; truncate -s ${MOST_MIB}M most; cp --sparse=always most over; printf x >> over`);
    await expect(files.read('vast')).rejects.toMatchObject({ code: 'FILE_TOO_LARGE', message: expect.stringContaining('1099511627776') });
    await expect(files.read('over')).rejects.toMatchObject({ code: 'FILE_TOO_LARGE' });
    expect((await files.read('most')).equals(Buffer.alloc(MOST_MIB * MIB))).toBe(true);
  });

  it.each([
    ['fifo', 'mkfifo fifo'],
    ['socket', "perl -MSocket -e 'socket(S, PF_UNIX, SOCK_STREAM, 0) && bind(S, sockaddr_un(q(socket)))'"],
    ['folder', 'mkdir folder'],
  ])('neither waits for a %s nor takes it', async (name, code) => {
    await files.run(code);
    expect(await files.names('.')).toContain(name);
    await expect(files.read(name)).rejects.toMatchObject({ code: 'INVALID_PATH' });
    await expect(files.write(name, 'x')).rejects.toMatchObject({ code: 'INVALID_PATH' });
  });

  it('is told when permissions forbid it', async () => {
    await files.run('echo x > closed; chmod 0 closed; mkdir -m 0 locked');
    for (const work of [() => files.read('closed'), () => files.write('locked/x', 'x'), () => files.names('locked')])
      await expect(work()).rejects.toMatchObject({ code: 'PERMISSION_DENIED' });
    await files.write('closed', 'open again');
    expect(String(await files.read('closed'))).toBe('open again');
  });
});

describe('names', () => {
  const odd = ['new\nline', '-rf', '--', ' ', 'ü€😀', '*', 'quo\'te"s', '$(id)', 'back\\slash', '\x1b[31m', 'a'.repeat(255), 'x (deleted)'];

  it('are what they are, written, listed, read and removed', async () => {
    for (const name of odd) await files.write(`odd/${name}`, name);
    expect(await files.names('odd')).toEqual(odd.toSorted((a, b) => (a < b ? -1 : 1)));
    for (const name of odd) expect(String(await files.read(`odd/${name}`))).toBe(name);
    for (const name of odd) await files.workspace.remove(files.at(`odd/${name}`));
    expect(await files.names('odd')).toEqual([]);
  });

  it('may lie as deep as the system allows', async () => {
    const path = `${'d'.repeat(250)}/`.repeat(16);
    const name = 'e'.repeat(60);
    expect(`/workspace/${path}${name}`.length).toBe(4_087);
    await files.write(path + name, 'deep');
    expect(String(await files.read(path + name))).toBe('deep');
    expect(await files.names(path)).toEqual([name]);
  });

  it('one that is too long is told', async () => {
    await expect(files.write('a'.repeat(256), 'x')).rejects.toMatchObject({ code: 'FILE_OPERATION_FAILED', message: 'File name too long.' });
  });
});

test('entries are what links lead to, but nothing of what lies outside', async () => {
  await files.run(`mkdir -p linked/in; cd linked; printf 12345 > file; chmod 640 file; touch -d @1000000000.5 file
    ln -s file to-file; ln -s in to-in; ln -s /etc/passwd to-passwd; ln -s /etc to-etc; ln -s nowhere to-nothing; ln -s to-loop to-loop`);
  const entries = await files.workspace.list(files.at('linked'));
  const file = { size: 5, mode: 0o640, modifiedAt: 1_000_000_000_500, isDirectory: false };
  const link = (target: string) => ({ size: target.length, mode: 0o777, isDirectory: false });
  expect(Object.fromEntries(entries.map(({ name, ...entry }) => [name, entry]))).toMatchObject({
    file,
    'to-file': file,
    'to-in': { isDirectory: true, mode: 0o755 },
    'to-passwd': link('/etc/passwd'),
    'to-etc': link('/etc'),
    'to-nothing': link('nowhere'),
    'to-loop': link('to-loop'),
  });
});

test('modes and times are those of the writing', async () => {
  await files.run('mkdir moded');
  for (const mode of [0o600, 0o755, 0o4711, 0o444, 0]) await files.write('moded/x', 'x', { mode });
  await files.write('moded/set', 'x', { mode: 0o6755 });
  const [set, x] = await files.workspace.list(files.at('moded'));
  expect([set?.mode, x?.mode]).toEqual([0o6755, 0]);
  expect(Math.abs((x?.modifiedAt ?? 0) - Date.now())).toBeLessThan(600_000);
});

test('a link that is exchanged all the time leads out at no time', async () => {
  await files.run('mkdir -p raced; echo mine > raced/passwd; ln -s raced swapped');
  const racing = await files.start('while :; do ln -sfn /etc swapped; ln -sfn raced swapped; ln -sfn raced/passwd one; ln -sfn /etc/passwd one; done');
  for (let round = 0; round < 12; round++)
    for (const path of ['swapped/passwd', 'one']) {
      const got = await files.read(path).then(String, (error) => error.code);
      expect(['mine\n', 'PATH_NOT_ALLOWED', 'FILE_NOT_FOUND']).toContain(got);
    }
  await racing.dispose();
});

describe('a write that does not come to its end leaves nothing', () => {
  /** Announces more than it has, and then waits for what it is told. */
  async function* stalling(end: () => Promise<void>): AsyncGenerator<Uint8Array> {
    yield Buffer.alloc(MIB, 1);
    await end();
  }
  const isWriting = async (folder: string) => (await files.run(`find ${folder} -mindepth 1`)).includes('.coracle-');

  it.each(['old', undefined])('when whoever waited for it has gone, and %s was there', async (before) => {
    const folder = `left-${before}`;
    await files.run(`mkdir ${folder}`);
    if (before) await files.write(`${folder}/file`, before);
    const leaving = new AbortController();
    const written = files.write(
      `${folder}/file`,
      stalling(() => new Promise((_, reject) => leaving.signal.addEventListener('abort', reject))),
      {
        size: 8 * MIB,
        signal: leaving.signal,
      },
    );
    await until(() => isWriting(folder), 'the writing to begin');
    leaving.abort();
    await expect(written).rejects.toBeDefined();
    await until(async () => (await files.containers()) === 0, 'its container to be gone');
    expect(await files.run(`find ${folder} -mindepth 1 -printf '%f\\n'; cat ${folder}/file 2>&1`)).toMatch(before ? /^file\nold$/ : /^cat: /);
  });

  it('when what it is made of breaks off, or is too much or too little', async () => {
    await files.run('mkdir broken');
    for (const end of [async () => undefined, () => Promise.reject(new Error('torn'))])
      await expect(files.write('broken/file', stalling(end), { size: 8 * MIB })).rejects.toBeDefined();
    await expect(files.write('broken/file', 'long', { size: 1 })).rejects.toBeDefined();
    expect(await files.run('find broken -mindepth 1')).toBe('');
  });

  it('when the disk is full, and says so', async () => {
    await using small = await openWorkspace({ mostBytes: 64 * MIB, workspaceBytes: TIB, memoryBytes: 4 * MIB });
    const holding = await small.start('sleep 600');
    for (const folder of ['/workspace', '/tmp']) {
      const content = (async function* () {
        for (let piece = 0; piece < 32; piece++) yield Buffer.alloc(MIB, 1);
      })();
      const written = small.write(`${folder}/file`, content, { size: 32 * MIB });
      await expect(written).rejects.toMatchObject({ code: 'FILE_OPERATION_FAILED', message: 'No space left on device.' });
      expect(await small.names(folder)).toEqual([]);
      expect(await small.run(`df --output=used ${folder} | tail -1 | tr -d " "`)).toBe('0\n');
      await small.write(`${folder}/file`, 'fits');
    }
    await holding.dispose();
  });

  it('when no file may be so large, and says so', async () => {
    await using narrow = await openWorkspace({ mostBytes: 64 * MIB, workspaceBytes: MIB });
    await expect(narrow.write('file', 'x'.repeat(2 * MIB))).rejects.toMatchObject({ code: 'FILE_TOO_LARGE' });
    expect(await narrow.run('ls -A')).toBe('');
  });
});
