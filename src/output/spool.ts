import { statfsSync } from 'node:fs';
import { mkdir, open, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { OutputStore } from './output-store.ts';
import { createSmallOutputs } from './small-outputs.ts';
import { missing } from './spool-files.ts';
import { type Listing, listOne, listSpool, readSpool, readSpoolFrames, readTimes } from './spool-reader.ts';
import { openSpoolWriter } from './spool-writer.ts';

const RESULT = 'result';
const ARTIFACT = 'artifact-';
const RESULT_PART = 'result.part';

/** The output store on the local file system: a folder for each process under `root`, made here with mode 0700. Ids come from newId, never from a caller. */
export async function createSpool(root: string): Promise<OutputStore> {
  await mkdir(root, { recursive: true, mode: 0o700 });
  const small = createSmallOutputs();

  async function list(id: string): Promise<Listing | undefined> {
    // Who reads again and again must let others have their turn, as a disk would.
    await nextTurn();
    const whole = small.find(id);
    return whole ? listOne(whole) : listSpool(join(root, id));
  }

  return {
    async open(id, limits) {
      const directory = join(root, id);
      const isNew = (await mkdir(directory, { recursive: true, mode: 0o700 })) !== undefined;
      if (!isNew) small.forget(id);
      return openSpoolWriter({ directory, isNew, alsoTo: isNew ? small.begin(id) : undefined }, limits);
    },
    read: async (id, request) => readSpool(await list(id), request),
    readFrames: async (id, request) => readSpoolFrames(await list(id), request),
    async keepResult(id, data) {
      const directory = join(root, id);
      await mkdir(directory, { recursive: true, mode: 0o700 });
      await writeFile(join(directory, RESULT_PART), data, { mode: 0o600 });
      await rename(join(directory, RESULT_PART), join(directory, RESULT));
    },
    async keepArtifact(id, index, content) {
      const directory = join(root, id);
      await mkdir(directory, { recursive: true, mode: 0o700 });
      const path = join(directory, `${ARTIFACT}${index}`);
      await writeFile(`${path}.part`, content, { mode: 0o600 });
      await rename(`${path}.part`, path);
    },
    async artifact(id, index) {
      const file = await open(join(root, id, `${ARTIFACT}${index}`)).catch(missing);
      return file?.createReadStream();
    },
    result: (id) => readFile(join(root, id, RESULT)).catch(missing),
    times: async (id) => readTimes(await list(id)),
    async remove(id) {
      small.forget(id);
      await rm(join(root, id), { recursive: true, force: true });
    },
    list: () => readdir(root),
    async freeBytes() {
      // Every submission asks. The call takes microseconds; a turn in the thread pool, on a machine whose CPUs are taken, milliseconds.
      const { bavail, bsize } = statfsSync(root);
      return bavail * bsize;
    },
  };
}
