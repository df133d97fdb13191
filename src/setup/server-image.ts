import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type Docker from 'dockerode';
import { PROJECT_ROOT } from '../version.ts';
import { type BuildContext, folderFiles } from './build-context.ts';
import { buildImage, ourImage } from './language-images.ts';

/** Builds the image that docker-compose.yml runs: this build of the server, its production dependencies, and the project's own Node. */
export async function ensureServerImage(docker: Docker): Promise<void> {
  await buildImage(docker, ourImage('server'), await serverContext());
}

async function serverContext(): Promise<BuildContext> {
  const folders = ['dist', 'images', ...productionPackages()];
  const files = await Promise.all(folders.map((folder) => folderFiles(join(PROJECT_ROOT, folder), `app/${folder}/`)));
  return new Map([
    ['Dockerfile', join(PROJECT_ROOT, 'images', 'server', 'Dockerfile')],
    ['node', join(PROJECT_ROOT, 'node_modules', 'node', 'bin', 'node')],
    ['app/package.json', join(PROJECT_ROOT, 'package.json')],
    ...files.flat(),
  ]);
}

/** The folders of the packages that are installed here and not only for development. */
function productionPackages(): string[] {
  const installed = JSON.parse(readFileSync(join(PROJECT_ROOT, 'node_modules', '.package-lock.json'), 'utf8'));
  const packages = Object.entries<{ dev?: boolean; devOptional?: boolean }>(installed.packages);
  return packages.filter(([, { dev, devOptional }]) => !dev && !devOptional).map(([folder]) => folder);
}
