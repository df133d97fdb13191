import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import type Docker from 'dockerode';
import { inspectImage } from '../engine/docker/inspect-image.ts';
import { type CatalogEntry, imageReferences, readCatalog } from '../images/catalog.ts';
import { PROJECT_ROOT } from '../version.ts';
import { ensureBaseImage } from './base-image.ts';
import { type BuildContext, digestContext, folderFiles, packContext } from './build-context.ts';
import { followProgress } from './progress.ts';
import { SetupError, say, step } from './steps.ts';

const IMAGES = join(PROJECT_ROOT, 'images');
const LAUNCHER = join(IMAGES, 'launcher');
/** The tag is the server's setting, which may be in the environment of the set-up too. */
export const ourImage = imageReferences(process.env['CORACLE_IMAGE_TAG'] || 'latest');
/** What an image was built from, so that one that is up to date is left alone. */
const DIGEST_LABEL = 'coracle.context';

export interface LanguageImage {
  /** Folder of `images/`. */
  readonly image: string;
  readonly reference: string;
  /** The languages that run in it. */
  readonly languages: readonly string[];
  readonly entry: CatalogEntry;
}

/** The images of all languages. */
export function languageImages(): LanguageImage[] {
  const entries = readCatalog(IMAGES);
  const languages = (image: string) => entries.filter(({ language }) => language.image === image).map(({ language }) => language.name);
  return entries
    .filter(({ language: { name } }) => existsSync(join(IMAGES, name, 'Dockerfile')))
    .map((entry) => ({ image: entry.language.image, reference: ourImage(entry.language.image), languages: languages(entry.language.image), entry }));
}

/** Builds the language images that the engine lacks or that were built from other files. */
export async function ensureLanguageImages(docker: Docker, images: readonly LanguageImage[] = languageImages()): Promise<void> {
  for (const image of images) await buildImage(docker, image.reference, await contextOf(image));
}

export interface ImageState {
  /** `outdated`: built from other files than are here now. */
  readonly state: 'ready' | 'outdated' | 'missing';
  readonly sizeBytes: number | null;
}

export async function stateOf(docker: Docker, image: LanguageImage): Promise<ImageState> {
  const existing = await inspectImage(docker, image.reference);
  if (!existing) return { state: 'missing', sizeBytes: null };
  const isCurrent = existing.Config?.Labels?.[DIGEST_LABEL] === (await digestContext(await contextOf(image)));
  return { state: isCurrent ? 'ready' : 'outdated', sizeBytes: existing.Size };
}

/** A folder's own files, the launcher, and what its language.json names from elsewhere. */
async function contextOf({ image, entry }: LanguageImage): Promise<BuildContext> {
  const own = (await folderFiles(join(IMAGES, image))).filter(([name]) => name !== 'language.json');
  const outside = Object.entries(entry.context).map(([name, path]): [string, string] => [name, fromProject(path)]);
  return new Map([...own, ...(await folderFiles(LAUNCHER, 'launcher/')), ...outside]);
}

/** An installed package has no Node of its own as a checkout has; there the one that runs this goes into the image. */
function fromProject(path: string): string {
  const full = join(PROJECT_ROOT, path);
  if (existsSync(full)) return full;
  if (basename(path) === 'node') return process.execPath;
  throw new SetupError(`An image needs ${full}, which is not there. Build it in a checkout of Coracle: npm run setup`);
}

/** Does nothing when the engine's image was built from the very same context. */
export async function buildImage(docker: Docker, reference: string, context: BuildContext): Promise<void> {
  const digest = await digestContext(context);
  const existing = await inspectImage(docker, reference);
  if (existing?.Config?.Labels?.[DIGEST_LABEL] === digest) return;
  await ensureBaseImage(docker);
  await step(`building ${reference}`, async () => {
    const progress = await docker.buildImage(packContext(context), { t: reference, labels: { [DIGEST_LABEL]: digest }, forcerm: true });
    await followProgress(docker, progress, (line) => line.startsWith('Step ') && say(`  ${line.slice(0, 120)}`));
  });
}
