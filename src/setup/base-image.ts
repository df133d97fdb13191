import { createReadStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type Docker from 'dockerode';
import { inspectImage } from '../engine/docker/inspect-image.ts';
import { hasCommand, installPackages, isDebianLike, isRoot } from './machine.ts';
import { followProgress } from './progress.ts';
import { run, SetupError, say, step } from './steps.ts';

const RELEASE = 'trixie';
const REPOSITORY = 'debian';
const TAG = `${RELEASE}-slim`;
export const BASE_IMAGE = `${REPOSITORY}:${TAG}`;

/** Makes sure that the engine has the image that all of ours are built on: there already, pulled, or made from Debian's package archive. */
export async function ensureBaseImage(docker: Docker): Promise<void> {
  if (await inspectImage(docker, BASE_IMAGE)) return;
  const isPulled = await step(`pulling ${BASE_IMAGE}`, () => pull(docker));
  if (!isPulled) await step(`no registry serves ${BASE_IMAGE}: making it from Debian's package archive with mmdebstrap`, () => makeFromArchive(docker));
}

async function pull(docker: Docker): Promise<boolean> {
  try {
    await followProgress(docker, await docker.pull(BASE_IMAGE));
    return true;
  } catch (error) {
    say(`  it could not be pulled: ${(error as Error).message.trim()}`);
    return false;
  }
}

/** Into a file first: an archive that breaks off must not become an image. */
async function makeFromArchive(docker: Docker): Promise<void> {
  if (!hasCommand('mmdebstrap')) await installMmdebstrap();
  const folder = await mkdtemp(join(tmpdir(), 'coracle-base-'));
  try {
    const archive = join(folder, 'base.tar');
    await run('mmdebstrap', ['--variant=minbase', '--include=ca-certificates', RELEASE, archive]);
    await followProgress(docker, await docker.importImage(createReadStream(archive) as never, { fromSrc: '-', repo: REPOSITORY, tag: TAG }));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function installMmdebstrap(): Promise<void> {
  if (!isDebianLike())
    throw new SetupError(
      `${BASE_IMAGE} can neither be pulled nor made here (mmdebstrap is a Debian tool). Load it by hand:\n  docker save ${BASE_IMAGE} | gzip > base.tar.gz   # where it can be pulled\n  docker load < base.tar.gz                       # here`,
    );
  if (!isRoot())
    throw new SetupError(
      `${BASE_IMAGE} can neither be pulled nor made here without mmdebstrap. Run:\n  sudo apt-get update && sudo apt-get install -y mmdebstrap debian-archive-keyring`,
    );
  await step('installing mmdebstrap from the distribution', () => installPackages(['mmdebstrap', 'debian-archive-keyring']));
}
