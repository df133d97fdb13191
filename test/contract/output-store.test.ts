import { join } from 'node:path';
import { createSpool } from '../../src/output/spool.ts';
import { bytesIn } from '../support/bytes-in.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { outputStoreContract } from './output-store.ts';

outputStoreContract('The spool', async () => {
  const folder = await tempFolder();
  const root = join(folder.path, 'output');
  return {
    store: await createSpool(root),
    storedBytes: () => bytesIn(root),
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
});
