import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type Docker from 'dockerode';
import { type CatalogEntry, imageReferences, readCatalog } from '../images/catalog.ts';
import { PROJECT_ROOT } from '../version.ts';
import { ensureBaseImage } from './base-image.ts';
import { type BuildContext, digestContext, folderFiles, packContext } from './build-context.ts';
import { followProgress } from './progress.ts';
import { say, step } from './steps.ts';

const IMAGES = join(PROJECT_ROOT, 'images');
const LAUNCHER = join(IMAGES, 'launcher');
/** The tag is the server's setting, which may be in the environment of the set-up too. */
export const ourImage = imageReferences(process.env['CORACLE_IMAGE_TAG'] || 'latest');
/** What an image was built from, so that one that is up to date is left alone. */
const DIGEST_LABEL = 'coracle.context';

/** Builds the language images that the engine lacks or that were built from other files. */
export async function ensureLanguageImages(docker: Docker): Promise<void> {
  for (const entry of readCatalog(IMAGES)) {
    if (existsSync(join(IMAGES, entry.language.name, 'Dockerfile'))) await ensureImage(docker, entry);
  }
}

async function ensureImage(docker: Docker, { language, context }: CatalogEntry): Promise<void> {
  const files = await contextOf(language.image, context);
  await buildImage(docker, ourImage(language.image), files);
}

/** A folder's own files, the launcher, and what its language.json names from elsewhere. */
async function contextOf(image: string, extra: Readonly<Record<string, string>>): Promise<BuildContext> {
  const own = (await folderFiles(join(IMAGES, image))).filter(([name]) => name !== 'language.json');
  const outside = Object.entries(extra).map(([name, path]): [string, string] => [name, join(PROJECT_ROOT, path)]);
  return new Map([...own, ...(await folderFiles(LAUNCHER, 'launcher/')), ...outside]);
}

/** Does nothing when the engine's image was built from the very same context. */
export async function buildImage(docker: Docker, reference: string, context: BuildContext): Promise<void> {
  const digest = await digestContext(context);
  const existing = await docker
    .getImage(reference)
    .inspect()
    .catch(() => undefined);
  if (existing?.Config?.Labels?.[DIGEST_LABEL] === digest) return;
  await ensureBaseImage(docker);
  await step(`building ${reference}`, async () => {
    const progress = await docker.buildImage(packContext(context), { t: reference, labels: { [DIGEST_LABEL]: digest }, forcerm: true });
    await followProgress(docker, progress, (line) => line.startsWith('Step ') && say(`  ${line.slice(0, 120)}`));
  });
}
