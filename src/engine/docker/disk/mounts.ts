import { readFile } from 'node:fs/promises';

export interface Mount {
  /** As in /dev/loop0. */
  readonly device: string;
  readonly isReadOnly: boolean;
}

/** Every mount that this process sees, by its folder. */
export async function readMounts(): Promise<ReadonlyMap<string, Mount>> {
  return parseMounts(await readFile('/proc/self/mounts', 'utf8').catch(noneElsewhere));
}

/** What the kernel writes in /proc/self/mounts; of several mounts on one folder the last counts, which is the one that is seen. */
export function parseMounts(text: string): ReadonlyMap<string, Mount> {
  const lines = text.split('\n').filter(Boolean);
  return new Map(
    lines.map((line): [string, Mount] => {
      const [device = '', folder = '', , options = ''] = line.split(' ');
      return [folder, { device, isReadOnly: options.split(',').some((option) => READ_ONLY.has(option)) }];
    }),
  );
}

/** The second is how newer kernels say that ext4 has stopped writing after an error, without `ro`. */
const READ_ONLY: ReadonlySet<string> = new Set(['ro', 'emergency_ro']);

/** Only Linux has the file. */
function noneElsewhere(error: NodeJS.ErrnoException): string {
  if (error.code !== 'ENOENT') throw error;
  return '';
}
