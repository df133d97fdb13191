import { createWriteStream, openAsBlob } from 'node:fs';
import { mkdir, readdir, stat } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { InvalidRequestError, NotFoundError } from '../../client/errors.ts';
import type { FileEntry, Files } from '../../client/files.ts';
import { write } from '../print.ts';
import { UsageError } from '../usage.ts';
import { isPlainName, targetPath } from './place.ts';

export interface Copy {
  readonly from: string;
  readonly to: string;
  readonly recursive?: boolean | undefined;
}

/** From this machine to the sandbox. Answers how many files it was. */
export async function upload(files: Files, { from, to, recursive }: Copy): Promise<number> {
  if (from === '-') {
    await files.write(to, new Blob([new Uint8Array(await buffer(process.stdin))]));
    return 1;
  }
  const source = await stat(from).catch((error) => {
    throw new UsageError(`${from} cannot be read: ${error.message}`);
  });
  const target = targetPath(from, to, await isRemoteFolder(files, to));
  if (!source.isDirectory()) return uploadFile(files, { from, to: target });
  if (!recursive) throw new UsageError(`${from} is a folder: copy it with -r`);
  return uploadFolder(files, { from, to: target });
}

async function uploadFile(files: Files, { from, to }: Copy): Promise<number> {
  const { mode } = await stat(from);
  await files.write(to, await openAsBlob(from), { mode: (mode & 0o777).toString(8).padStart(4, '0') });
  return 1;
}

async function uploadFolder(files: Files, { from, to }: Copy): Promise<number> {
  await files.mkdir(to);
  let copied = 0;
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const inner = { from: `${from}/${entry.name}`, to: `${to}/${entry.name}` };
    if (entry.isDirectory()) copied += await uploadFolder(files, inner);
    else if (entry.isFile()) copied += await uploadFile(files, inner);
  }
  return copied;
}

/** From the sandbox to this machine. Answers how many files it was. */
export async function download(files: Files, { from, to, recursive }: Copy): Promise<number> {
  if (to === '-') {
    for await (const piece of await files.download(from)) await write(process.stdout, piece);
    return 1;
  }
  const target = targetPath(from, to, await isLocalFolder(to));
  const listing = await remoteFolder(files, from);
  if (!listing) return downloadFile(files, { from, to: target });
  if (!recursive) throw new UsageError(`${from} is a folder: copy it with -r`);
  return downloadFolder(files, listing, target);
}

async function downloadFile(files: Files, { from, to }: Copy): Promise<number> {
  const content = await files.download(from);
  await pipeline(content, createWriteStream(to));
  return 1;
}

async function downloadFolder(files: Files, entries: readonly FileEntry[], to: string): Promise<number> {
  await mkdir(to, { recursive: true });
  let copied = 0;
  for (const { name, path, is_directory } of entries) {
    if (!isPlainName(name)) throw new UsageError(`there is a file with the name ${JSON.stringify(name)}, which is not copied here`);
    const target = `${to}/${name}`;
    copied += is_directory ? await downloadFolder(files, (await files.list(path)).files, target) : await downloadFile(files, { from: path, to: target });
  }
  return copied;
}

async function isLocalFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

async function isRemoteFolder(files: Files, path: string): Promise<boolean> {
  return (await remoteFolder(files, path)) !== undefined;
}

/** What is in a folder; undefined for a file, and for what is not there. */
async function remoteFolder(files: Files, path: string): Promise<readonly FileEntry[] | undefined> {
  try {
    return (await files.list(path)).files;
  } catch (error) {
    if (error instanceof NotFoundError || error instanceof InvalidRequestError) return undefined;
    throw error;
  }
}
