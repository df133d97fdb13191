import { closeSync, existsSync, openSync, readFile } from 'node:fs';
import { promisify } from 'node:util';

/** Only Linux has it. */
const MOUNTS = '/proc/self/mounts';

const readWhole = promisify(readFile);

export interface Mount {
  /** As in /dev/loop0. */
  readonly device: string;
  readonly isReadOnly: boolean;
}

/** Every mount that this process sees, by its folder. Reading waits for whoever mounts something at that moment, so only that is left to the thread pool. */
export async function readMounts(): Promise<ReadonlyMap<string, Mount>> {
  if (!existsSync(MOUNTS)) return new Map();
  const file = openSync(MOUNTS, 'r');
  try {
    return parseMounts(await readWhole(file, 'utf8'));
  } finally {
    closeSync(file);
  }
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
