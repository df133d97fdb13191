import type { FindFiles, FoundFile } from '../execution/keep-artifacts.ts';
import { createGate } from '../tenancy/gate.ts';
import { unpack } from './archive.ts';
import { readHelper } from './helper-output.ts';
import type { Helper, Helpers } from './helpers.ts';

const IMAGE = 'bash';
const ENV = { PATH: '/usr/bin:/bin', LANG: 'C.UTF-8' };
/** The exit code of tar for a file that somebody wrote to while it was read. */
const CHANGED_MEANWHILE = 1;
const MOST_FILES = 256;
const TURNS = { all: 8, perTenant: () => 4, waiting: 1_000 };

/**
 * Expands the globs without splitting them into words, and packs the regular files among what they name; links are left out, so that none leads elsewhere.
 * A file that becomes shorter while it is read is filled up with zeros, and tar ends as if nothing had been: what it says then is the only sign.
 */
const SCRIPT = `IFS=; shopt -s nullglob globstar
for pattern; do for file in $pattern; do [[ -f $file && ! -L $file ]] && printf '%s\\0' "$file"; done; done |
sort -zu | head -zn ${MOST_FILES} |
tar -c -P --no-recursion --format=pax --warning=no-file-changed --warning=no-file-removed --null -T - -f - 2>/tmp/coracle/said
code=$?; [[ -s /tmp/coracle/said ]] && exit 2; exit $code`;

/** Files come as a tar archive out of a short-lived container of the sandbox, as its user. */
export function createFindFiles(helpers: Helpers): FindFiles {
  const gate = createGate(TURNS);
  return async function* find(scope, patterns, signal) {
    const run = ['/usr/bin/bash', '-c', SCRIPT, 'find', ...patterns];
    const helper = await helpers.start({ scope, image: IMAGE, run, env: ENV, gate, signal });
    try {
      yield* filesIn(helper, signal);
    } finally {
      void helper.dispose();
    }
  };
}

async function* filesIn({ container }: Helper, signal: AbortSignal): AsyncGenerator<FoundFile> {
  for await (const entry of unpack(readHelper(container).rest(), signal)) {
    const { name, size = 0, type } = entry.header;
    if (type === 'file') yield { path: name, size, content: entry as AsyncIterable<Uint8Array> };
    entry.resume();
  }
  const exit = await container.exit;
  if (exit.kind !== 'exited' || exit.exitCode > CHANGED_MEANWHILE) throw new Error('the files of a sandbox could not be read to their end');
}
