import type Docker from 'dockerode';
import { connectDocker } from '../engine/docker/connect.ts';
import { ensureEngine } from '../setup/engine.ts';
import { ensureLanguageImages, type LanguageImage, languageImages, stateOf } from '../setup/language-images.ts';
import { step } from '../setup/steps.ts';
import { defineCommand } from './command.ts';
import { printJson, printTable } from './print.ts';
import { UsageError } from './usage.ts';

const STYLES = { ready: 'green', outdated: 'yellow', missing: 'red' } as const;
const MB = 1e6;

export const command = defineCommand({
  synopsis: 'list [--json] | build [LANGUAGE…]',
  description: `The images in which languages run, on the container engine of this machine (DOCKER_HOST names another). "list" shows each as ready,
outdated (built from other files than are here now) or missing; "build" makes those that are not ready, with the languages named, or all.`,
  options: {
    json: { type: 'boolean', help: 'list as JSON' },
  },
  examples: ['coracle images list', 'coracle images build', 'coracle images build python go'],
  mostArguments: Number.POSITIVE_INFINITY,
  async run({ values, positionals: [action = 'list', ...languages] }) {
    if (action === 'build') await build(languages);
    else if (action === 'list' && languages.length === 0) await list(values.json === true ? printJson : undefined);
    else throw new UsageError('say what to do: coracle images list, or coracle images build');
    return 0;
  },
});

async function build(languages: readonly string[]): Promise<void> {
  const images = chosen(languages);
  const docker = await step('container engine', ensureEngine);
  await step('language images', () => ensureLanguageImages(docker, images));
}

function chosen(languages: readonly string[]): readonly LanguageImage[] {
  const all = languageImages();
  const known = all.flatMap((image) => image.languages);
  const unknown = languages.find((language) => !known.includes(language));
  if (unknown !== undefined) throw new UsageError(`there is no language "${unknown}". Use ${known.join(', ')}.`);
  return languages.length === 0 ? all : all.filter((image) => image.languages.some((language) => languages.includes(language)));
}

async function list(asJson: ((value: unknown) => Promise<void>) | undefined): Promise<void> {
  const docker = connectDocker();
  const rows = await Promise.all(languageImages().map((image) => describe(docker, image)));
  if (asJson) return asJson(rows);
  await printTable(
    ['IMAGE', 'LANGUAGES', 'STATE', 'SIZE'],
    rows.map(({ image, languages, state, size_bytes }) => [
      { text: image },
      { text: languages.join(' ') },
      { text: state, style: STYLES[state] },
      { text: size_bytes === null ? '-' : `${Math.round(size_bytes / MB)} MB` },
    ]),
  );
}

async function describe(docker: Docker, image: LanguageImage) {
  const { state, sizeBytes } = await stateOf(docker, image);
  return { image: image.reference, languages: image.languages, state, size_bytes: sizeBytes };
}
