import { chmod, mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** Names on the host; all are made of ids of ours. */
export interface Places {
  image(sandboxId: string): string;
  /** Where the image is mounted. */
  folder(sandboxId: string): string;
  readonly mountRoot: string;
  /** What a new filesystem begins with. */
  readonly template: string;
}

/** No separators and no leading dash or dot: it can be no way out, and no option of a program. */
const SANDBOX_ID = /^\w[\w-]{0,127}$/;

export interface PlacesOptions {
  /** For the images; on a disk. */
  readonly images: string;
  /** For the mounts. */
  readonly mountRoot: string;
}

export function placesOf({ images, mountRoot }: PlacesOptions): Places {
  return {
    mountRoot,
    template: join(images, '.template'),
    image: (sandboxId) => join(images, `${checked(sandboxId)}.img`),
    folder: (sandboxId) => join(mountRoot, checked(sandboxId)),
  };
}

function checked(sandboxId: string): string {
  if (!SANDBOX_ID.test(sandboxId)) throw new Error(`not an id of a sandbox: ${sandboxId}`);
  return sandboxId;
}

/** As the images have them. A tmpfs gets the mode of the folder that it is mounted on, so that one is here as well. */
const FOLDERS = ['workspace', 'tmp', 'tmp/coracle'];

/** Containers of any user may write in these. */
export async function makeTemplate({ template }: Places): Promise<void> {
  for (const name of FOLDERS) {
    await mkdir(join(template, name), { recursive: true, mode: 0o700 });
    await chmod(join(template, name), 0o1777);
  }
}

/** Whose images are in the folder, unfinished ones too. */
export async function sandboxesIn(images: string): Promise<string[]> {
  const names = await readdir(images).catch((error) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  });
  return [...new Set(names.flatMap((name) => (name.startsWith('.') ? [] : IMAGE.exec(name)?.[1]) ?? []))];
}

const IMAGE = /^(.+)\.img(?:\.new)?$/;
