import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { mintToken } from '../../src/http/auth.ts';
import { PROJECT_ROOT } from '../../src/version.ts';
import { imageTag } from '../support/images.ts';
import { installPacked } from '../support/packed.ts';
import { openServer } from '../support/server.ts';

const DEPENDENCIES = Object.keys(JSON.parse(readFileSync(join(PROJECT_ROOT, 'package.json'), 'utf8')).dependencies);
const TSC = join(PROJECT_ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
const STRICT = ['--strict', '--exactOptionalPropertyTypes', '--noUncheckedIndexedAccess', '--module', 'nodenext', '--target', 'es2024'];

const USES_CLIENT = `
import { ApiError, createClient, NotFoundError } from 'coracle/client';
const client = createClient({ url: process.env.URL, token: process.env.TOKEN });
const { status, stdout, exit_code } = await client.run({ code: 'print(6 * 7)', env: { A: '1' } });
const error = await client.get('proc_none').catch((caught) => caught);
console.log(JSON.stringify([status, stdout, exit_code, error instanceof NotFoundError && error instanceof ApiError, error.code]));
`;

const USES_EXECUTOR = `
import { openExecutor } from 'coracle';
await using executor = await openExecutor({ languages: ['bash'] });
console.log((await executor.run({ code: 'echo $((6 * 7))', language: 'bash' })).stdout);
`;

const TYPED = `
import { openExecutor, type Process } from 'coracle';
import { createClient, type ProcessRequest } from 'coracle/client';
const request: ProcessRequest = { code: '1', env: { A: 'b' }, timeout: 3 };
const process: Process = await createClient({ url: '', token: async () => 't' }).run(request, { signal: AbortSignal.timeout(1) });
const code: number | null = process.exit_code;
const kind: 'queued' | 'running' | 'completed' | 'failed' | 'killed' = process.status;
await using executor = await openExecutor({ languages: ['python'] });
const other: Process = await executor.run(request, { sandbox: 'a' });
// @ts-expect-error code is a string
await executor.run({ code: 1 });
// @ts-expect-error there is no such field
process.exitCode;
export { code, kind, other };
`;

it('the packed client runs with nothing else installed', async () => {
  await using server = await openServer();
  await using project = await installPacked();
  const TOKEN = await mintToken(server.jwtSecret, { tenant: 'acme', ttlSeconds: 600 });
  const printed = await project.run({ 'use.mjs': USES_CLIENT }, ['use.mjs'], { URL: server.url, TOKEN });
  expect(JSON.parse(printed)).toEqual(['completed', '42\n', 0, true, 'RESOURCE_NOT_FOUND']);
});

it('the packed executor runs code', async () => {
  await using project = await installPacked(DEPENDENCIES);
  expect(await project.run({ 'use.mjs': USES_EXECUTOR }, ['use.mjs'], { CORACLE_IMAGE_TAG: imageTag })).toBe('42\n\n');
});

it('both are typed, from the schemas of the wire', async () => {
  await using project = await installPacked([...DEPENDENCIES, '@types/node']);
  expect(await project.run({ 'use.mts': TYPED }, [TSC, ...STRICT, '--noEmit', '--types', 'node', 'use.mts'])).toBe('');
});
