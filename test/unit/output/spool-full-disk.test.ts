import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { tempFolder } from '../../support/temp-folder.ts';

const PROGRAM = fileURLToPath(new URL('../../support/full-disk.ts', import.meta.url));

/** Runs the program where no file grows past some blocks of 512 bytes. */
async function run(blocks: number, part: 'torn' | 'none'): Promise<unknown> {
  await using folder = await tempFolder();
  const command = ['-c', `ulimit -f ${blocks}; exec "$0" "$@"`, process.execPath, '--disable-warning=ExperimentalWarning', PROGRAM, folder.path, part];
  const { stdout } = await promisify(execFile)('sh', command);
  return JSON.parse(stdout);
}

it('a write that the disk took in part leaves nothing behind that reads as output', async () => {
  const text = 'before after';
  const counts = { totalBytes: text.length, countedByWriter: text.length, countedAfterwards: text.length };
  expect(await run(8, 'torn')).toEqual({ refused: 'EFBIG', text, ...counts });
});

it('writes that a full disk refuses leave no file open', async () => {
  expect(await run(0, 'none')).toEqual({ refused: 20, left: 0 });
});
