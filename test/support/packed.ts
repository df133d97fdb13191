import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { PROJECT_ROOT } from '../../src/version.ts';

const execute = promisify(execFile);

export interface Packed extends AsyncDisposable {
  readonly folder: string;
  /** Writes files there and runs a program of this project's Node. Rejects with what it printed when it fails. */
  run(files: Readonly<Record<string, string>>, args: readonly string[], env?: NodeJS.ProcessEnv): Promise<string>;
}

/** A project that has installed this build's package from its tarball, and beside it these packages, as they lie here. */
export async function installPacked(packages: readonly string[] = []): Promise<Packed> {
  const folder = await mkdtemp(join(tmpdir(), 'coracle-packed-'));
  const modules = join(folder, 'node_modules');
  await mkdir(join(modules, 'coracle'), { recursive: true });
  const { stdout } = await execute('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', folder], { cwd: PROJECT_ROOT });
  await execute('tar', ['-xzf', join(folder, fileNameIn(stdout)), '--strip-components=1', '-C', join(modules, 'coracle')]);
  for (const name of packages) {
    await mkdir(dirname(join(modules, name)), { recursive: true });
    await symlink(join(PROJECT_ROOT, 'node_modules', name), join(modules, name));
  }
  return {
    folder,
    async run(files, args, env = {}) {
      for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
      const { PATH, HOME, DOCKER_HOST } = process.env;
      const options = { cwd: folder, env: { PATH, HOME, DOCKER_HOST, ...env } };
      return execute(process.execPath, ['--disable-warning=ExperimentalWarning', ...args], options).then(
        (done) => done.stdout,
        (error) => Promise.reject(new Error(`${error.stdout}${error.stderr}`)),
      );
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}

/** npm 12 answers an object by package, earlier ones a list. */
function fileNameIn(answer: string): string {
  const [packed] = Object.values(JSON.parse(answer) as Record<string, { filename: string }>);
  return packed?.filename ?? '';
}
