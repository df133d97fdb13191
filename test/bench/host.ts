import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { docker } from '../support/docker.ts';
import { command, requireRoot, unmountBelow } from '../support/host.ts';
import { imageReference } from '../support/images.ts';

/** The interpreter of a language's image on the host, with nothing around it: the image's files, entered with chroot. */
export async function bareInterpreter(image: string) {
  requireRoot('The benchmark enters the files of an image');
  const { Data } = (await docker.getImage(imageReference(image)).inspect()).GraphDriver as { Data: Record<string, string> };
  const layers = [Data['UpperDir'], Data['LowerDir']].filter(Boolean).join(':');
  const folder = await mkdtemp(join(tmpdir(), 'coracle-bare-'));
  await command('mount', '-t', 'overlay', '-o', `ro,lowerdir=${layers}`, 'coracle-bench', folder);
  return {
    /** Milliseconds until the first byte of output, and until the end. */
    run: (...words: string[]) => timeOf('chroot', [folder, ...words]),
    async [Symbol.asyncDispose]() {
      await unmountBelow(folder);
      await rm(folder, { recursive: true });
    },
  };
}

/** What people write themselves: a container for each call, started with the client, with none of our options. */
export function dockerRun(image: string, ...words: string[]): Promise<{ firstByte: number; terminal: number }> {
  return timeOf('docker', ['run', '--rm', '--network=none', imageReference(image), ...words]);
}

async function timeOf(program: string, args: readonly string[]): Promise<{ firstByte: number; terminal: number }> {
  const began = performance.now();
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let firstByte = Number.NaN;
  child.stdout.once('data', () => {
    firstByte = performance.now() - began;
  });
  child.stdout.resume();
  const code = await new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  if (code !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${code}`);
  return { firstByte, terminal: performance.now() - began };
}
