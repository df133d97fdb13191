import { expect, it } from 'vitest';
import { coracle } from '../support/built.ts';
import { tempFolder } from '../support/temp-folder.ts';

async function doctor(args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  await using folder = await tempFolder();
  const run = coracle(['doctor', ...args], { CORACLE_DATA_DIR: folder.path, ...env });
  return { exit: await run.exit, output: run.output() };
}

it('says in words what it found, and that nothing is dangerous here', async () => {
  const { exit, output } = await doctor([]);
  expect(output).toMatch(/✓ its memory is limited/);
  for (const name of ['bash', 'go', 'javascript', 'python', 'typescript']) expect(output).toContain(`✓ ${name} starts\n`);
  expect(output).toMatch(/\d+ good, \d+ to consider, 0 dangerous\n$/);
  expect(exit).toBe(0);
});

it('exits with 1 for what is dangerous, and tells machines too', async () => {
  const { exit, output } = await doctor(['--json'], { CORACLE_RUNTIMES: 'nobodys' });
  const found = JSON.parse(output).findings.find(({ check }: { check: string }) => check === 'runtime.nobodys');
  expect(found).toMatchObject({
    level: 'dangerous',
    what: expect.stringContaining('nobodys'),
    why: expect.any(String),
    remedy: expect.stringContaining('daemon.json'),
  });
  expect(exit).toBe(1);
});
