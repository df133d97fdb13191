import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { diagnose } from '../../src/compose/doctor.ts';
import { readConfig } from '../../src/config.ts';
import { tryInterpreters } from '../../src/doctor/interpreters.ts';
import { createDockerEngine } from '../../src/engine/docker/docker-engine.ts';
import { readCatalog } from '../../src/images/catalog.ts';
import { PROJECT_ROOT } from '../../src/version.ts';
import { apiOf } from '../support/api.ts';
import { docker } from '../support/docker.ts';
import { imageReference, imageTag } from '../support/images.ts';
import { openServer } from '../support/server.ts';
import { tempFolder } from '../support/temp-folder.ts';

it.each(['runc', 'runsc'])('the engine of the tests is safe to use with %s, and the probe leaves nothing behind', async (runtime) => {
  await using folder = await tempFolder();
  await writeFile(join(folder.path, 'instance'), `test-doctor-${runtime}-${process.pid}`);
  const findings = await diagnose(readConfig({ CORACLE_DATA_DIR: folder.path, CORACLE_RUNTIME: runtime, CORACLE_IMAGE_TAG: imageTag }));
  expect(findings.filter(({ level }) => level === 'dangerous')).toEqual([]);
  expect(findings.filter(({ check }) => check.startsWith('probe.'))).toHaveLength(9);
  const label = [`coracle.instance=test-doctor-${runtime}-${process.pid}-probe`];
  expect(await docker.listContainers({ all: true, filters: { label } })).toEqual([]);
  expect((await docker.listVolumes({ filters: { label } })).Volumes ?? []).toEqual([]);
});

it('an interpreter that its image does not have is found, and one whose image is missing is left to another check', async () => {
  const instance = `test-doctor-interpreters-${process.pid}`;
  const engine = createDockerEngine({ docker, instance, imageReference });
  const [bash] = readCatalog(join(PROJECT_ROOT, 'images')).map(({ language }) => language);
  if (!bash) throw new Error('no language is there');
  const languages = [bash, { ...bash, name: 'cobol', run: ['/usr/bin/cobc'] }, { ...bash, name: 'ada', image: 'nobodys' }];
  expect(await tryInterpreters(languages, { engine, runtime: null })).toMatchObject([
    { check: 'interpreter.bash', level: 'good' },
    { check: 'interpreter.cobol', level: 'advice', what: expect.stringContaining('exit code 127, "coracle: cannot start /usr/bin/cobc') },
  ]);
  const label = [`coracle.instance=${instance}`];
  expect(await docker.listContainers({ all: true, filters: { label } })).toEqual([]);
  expect((await docker.listVolumes({ filters: { label } })).Volumes ?? []).toEqual([]);
});

it('a server that is to use a runtime that is not there does not start, and says what to do', async () => {
  await expect(openServer({ CORACLE_RUNTIME: 'nobodys', CORACLE_LOG_LEVEL: 'fatal' })).rejects.toThrow(/no runtime "nobodys".*daemon\.json/s);
});

it('an engine that has passed is not probed again, so that a restart is quick', async () => {
  await using first = await openServer();
  await (await apiOf(first)).run({ language: 'bash', code: 'true' });
  await first.close();
  await using second = await openServer({ CORACLE_DATA_DIR: first.dataDir });
  expect(await (await apiOf(second)).run({ language: 'bash', code: 'echo up' })).toMatchObject({ stdout: 'up\n' });
});
