import { createHash } from 'node:crypto';
import { createReadStream, statSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import tar from 'tar-stream';

/** Name in the build context → file on this machine. */
export type BuildContext = ReadonlyMap<string, string>;

/** Every file below a folder, under the name it gets in the context. */
export async function folderFiles(folder: string, prefix = ''): Promise<[string, string][]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return files.map((path) => [prefix + path.slice(folder.length + 1), path]);
}

/** Changes whenever a name, a mode or a byte of the context does. */
export async function digestContext(context: BuildContext): Promise<string> {
  const digest = createHash('sha256');
  for (const name of [...context.keys()].sort()) {
    const path = context.get(name) as string;
    digest.update(`${name}\0${isExecutable(path)}\0${statSync(path).size}\0`);
    for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) digest.update(chunk);
  }
  return digest.digest('hex');
}

/** The context as the archive that the engine's build call takes. Times are left out, so that its cache sees bytes only. */
export function packContext(context: BuildContext): NodeJS.ReadableStream {
  const pack = tar.pack();
  async function fill(): Promise<void> {
    for (const [name, path] of context) {
      const entry = pack.entry({ name, size: statSync(path).size, mode: isExecutable(path) ? 0o755 : 0o644, mtime: new Date(0) });
      await pipeline(createReadStream(path), entry);
    }
    pack.finalize();
  }
  fill().catch((error) => pack.destroy(error));
  return pack as unknown as NodeJS.ReadableStream;
}

function isExecutable(path: string): boolean {
  return (statSync(path).mode & 0o100) !== 0;
}
