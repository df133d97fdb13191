import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from 'vitest';
import { lockDataFolder } from '../../../../src/store/sqlite/lock.ts';
import { tempFolder } from '../../../support/temp-folder.ts';

const MODULE = new URL('../../../../src/store/sqlite/lock.ts', import.meta.url).href;
const refused = (path: string) =>
  expect.objectContaining({
    code: 'CONFIG_INVALID',
    message: `Another Coracle server uses this data folder (${path} is locked). Stop it, or set CORACLE_DATA_DIR to a folder of its own.`,
  });

/** Another process that holds the lock until it is ended. */
async function holder(path: string) {
  const program = `import { lockDataFolder } from ${JSON.stringify(MODULE)};
    globalThis.release = lockDataFolder(${JSON.stringify(path)}); process.stdout.write('held'); setInterval(() => {}, 60_000);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], { stdio: ['ignore', 'pipe', 'ignore'] });
  const exit = once(child, 'exit');
  const [said] = await Promise.race([once(child.stdout, 'data'), exit]);
  expect(String(said)).toBe('held');
  return {
    async end(signal: NodeJS.Signals): Promise<void> {
      child.kill(signal);
      await exit;
    },
  };
}

describe('the lock of a data folder', () => {
  it('refuses a second server in this process with a sentence that says what to do', async () => {
    await using folder = await tempFolder();
    const path = join(folder.path, 'lock');
    const unlock = lockDataFolder(path);
    expect(() => lockDataFolder(path)).toThrow(refused(path));
    expect(() => lockDataFolder(path)).toThrow(refused(path));
    unlock();
  });

  it('is free again once it is let go', async () => {
    await using folder = await tempFolder();
    for (let times = 0; times < 3; times += 1) lockDataFolder(join(folder.path, 'lock'))();
  });

  it('keeps folders apart', async () => {
    await using one = await tempFolder();
    await using other = await tempFolder();
    const unlock = [one, other].map(({ path }) => lockDataFolder(join(path, 'lock')));
    for (const letGo of unlock) letGo();
  });

  it.each(['SIGKILL', 'SIGTERM'] as const)('holds against another process until that one dies of %s', async (signal) => {
    await using folder = await tempFolder();
    const path = join(folder.path, 'lock');
    const other = await holder(path);
    expect(() => lockDataFolder(path)).toThrow(refused(path));
    await other.end(signal);
    lockDataFolder(path)();
  });

  it('leaves the store beside it readable', async () => {
    await using folder = await tempFolder();
    const store = new DatabaseSync(join(folder.path, 'coracle.sqlite'));
    store.exec('CREATE TABLE t (x)');
    const unlock = lockDataFolder(join(folder.path, 'lock'));
    const reader = new DatabaseSync(join(folder.path, 'coracle.sqlite'), { readOnly: true });
    expect(reader.prepare('SELECT count(*) AS n FROM t').get()).toEqual({ n: 0 });
    for (const close of [unlock, () => reader.close(), () => store.close()]) close();
  });
});
