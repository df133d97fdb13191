import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { access, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type Docker from 'dockerode';
import { CoracleError } from '../../errors.ts';
import type { DiskUse } from '../container-engine.ts';
import { QUICK_MS, SLOW_MS, withDeadline } from './deadline.ts';
import { translate } from './errors.ts';

/** What a file takes besides its blocks: an empty one takes an inode, of which a disk has only so many. */
export const INODE_BYTES = 512;

/** The names of its volumes, by the id of a sandbox. */
export type VolumesOf = ReadonlyMap<string, readonly string[]>;

/** What volumes take, counted in the engine's own folder where this process may read it, and by asking the engine otherwise. */
export function createVolumeCounter(docker: Docker): (volumesOf: VolumesOf) => Promise<DiskUse> {
  /** An engine's folder stays where it is. */
  let root: string | undefined;
  return async (volumesOf) => {
    root ??= await readRoot(docker);
    const volumes = join(root, 'volumes');
    return (await isReadable(volumes, volumesOf)) ? countHere(volumes, volumesOf) : askEngine(docker, volumesOf);
  };
}

async function readRoot(docker: Docker): Promise<string> {
  const { DockerRootDir } = await withDeadline(docker.info(), { ms: QUICK_MS, what: 'tell where its volumes are' }).catch((error) => {
    throw translate(error);
  });
  return DockerRootDir;
}

/** A folder of that name may be another engine's, so the volumes have to be there. */
async function isReadable(volumes: string, volumesOf: VolumesOf): Promise<boolean> {
  const [first] = [...volumesOf.values()].flat();
  const places = first ? [volumes, join(volumes, first, '_data')] : [volumes];
  return Promise.all(places.map((place) => access(place, constants.R_OK | constants.X_OK))).then(
    () => true,
    () => false,
  );
}

async function countHere(volumes: string, volumesOf: VolumesOf): Promise<DiskUse> {
  const { bavail, bsize } = await statfs(volumes);
  const foldersOf = (names: readonly string[]) => names.map((name) => join(volumes, name, '_data'));
  const counted = await Promise.all([...volumesOf].map(async ([id, names]) => [id, await sizeOf(foldersOf(names))] as const));
  return { bytes: new Map(counted), freeBytes: bavail * bsize };
}

/** Sparse files count by what they take. A file that goes while it is counted makes du complain, and is no matter. */
async function sizeOf(folders: readonly string[]): Promise<number> {
  const [blocks, inodes] = await Promise.all([total('--block-size=1', folders), total('--inodes', folders)]);
  return blocks + inodes * INODE_BYTES;
}

async function total(what: string, folders: readonly string[]): Promise<number> {
  const run = promisify(execFile)('du', ['-sx', what, '--', ...folders], { timeout: SLOW_MS, killSignal: 'SIGKILL' });
  const { stdout } = await run.catch((error: { stdout?: string; code?: unknown }) => {
    if (!error.stdout) throw new CoracleError('ENGINE_UNAVAILABLE', 'The volumes could not be counted. Check that the program "du" is there.', error);
    return { stdout: error.stdout };
  });
  return stdout.split('\n').reduce((sum, line) => sum + (Number.parseInt(line, 10) || 0), 0);
}

/** The engine walks all its volumes, which takes it a second or more; it does not tell of inodes. */
async function askEngine(docker: Docker, volumesOf: VolumesOf): Promise<DiskUse> {
  if (volumesOf.size === 0) return { bytes: new Map(), freeBytes: undefined };
  const { Volumes } = await withDeadline(docker.df(), { ms: SLOW_MS, what: 'tell what its volumes take' }).catch((error) => {
    throw translate(error);
  });
  const sizes = new Map<string, number>((Volumes ?? []).map(({ Name, UsageData }: VolumeSize) => [Name, Math.max(0, UsageData?.Size ?? 0)]));
  const bytes = [...volumesOf].map(([id, names]) => [id, names.reduce((sum, name) => sum + (sizes.get(name) ?? 0), 0)] as const);
  return { bytes: new Map(bytes), freeBytes: undefined };
}

interface VolumeSize {
  readonly Name: string;
  readonly UsageData?: { readonly Size?: number } | null;
}
