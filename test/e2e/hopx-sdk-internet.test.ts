import { afterAll, beforeAll, expect, it } from 'vitest';
import { networkName } from '../../src/engine/docker/labels.ts';
import { networksOf } from '../support/docker.ts';
import { type Hopx, openHopx } from '../support/hopx.ts';
import { type Outside, openOutside } from '../support/outside.ts';
import { rulesOf } from '../support/rules.ts';
import { until } from '../support/until.ts';

let outside: Outside;
let hopx: Hopx;
const closing = new AsyncDisposableStack();
const env = () => ({ CORACLE_EGRESS: 'on', CORACLE_EGRESS_DNS: outside.addresses.public, CORACLE_SWEEP_SECONDS: '1' });

beforeAll(async () => {
  outside = closing.use(await openOutside());
  hopx = closing.use(await openHopx(env()));
});
afterAll(() => closing.disposeAsync());

/** Prints what the server at an address says, or the error's name. */
const ask = (address: string) => `import socket
try:
    with socket.create_connection(("${address}", ${outside.port}), 3) as server: print(server.recv(99).decode(), end="")
except OSError as error: print(type(error).__name__)`;

it('with internetAccess code reaches the public internet, by names too, and nothing private', async () => {
  const sandbox = await hopx.create({ internetAccess: true });
  expect(await sandbox.getInfo()).toMatchObject({ internetAccess: true });
  expect((await sandbox.runCode(ask('some.name.example'))).stdout).toBe('outside\n');
  for (const address of [outside.addresses.metadata, outside.addresses.ten]) expect((await sandbox.runCode(ask(address))).stdout).toMatch(/^\w*Error\n$/);
  expect((await sandbox.commands.run(`timeout 3 bash -c 'cat < /dev/tcp/${outside.addresses.public}/${outside.port}'`)).stdout).toBe('outside\n');
  await sandbox.kill();
});

it.each([undefined, false])('with internetAccess %s it reaches nothing', async (internetAccess) => {
  const sandbox = await hopx.create(internetAccess === undefined ? {} : { internetAccess });
  expect(await sandbox.getInfo()).toMatchObject({ internetAccess: false });
  expect((await sandbox.runCode(ask(outside.addresses.public))).stdout).toMatch(/^\w*Error\n$/);
  await sandbox.kill();
});

it('its network outlives the server, is there for what runs, and goes although its time was over while no server was there', async () => {
  const { server } = hopx;
  const sandbox = await hopx.create({ internetAccess: true, timeoutSeconds: 3600 });
  const code = 'import time\nfor i in range(600):\n    exec(CODE)\n    time.sleep(0.2)'.replace('CODE', JSON.stringify(ask(outside.addresses.public)));
  await sandbox.runCodeBackground(code, { timeout: 120 });
  const lines = async () =>
    ((await sandbox.listProcesses())[0] as unknown as { stdout: string }).stdout.split('\n').filter((line) => line === 'outside').length;
  await until(async () => (await lines()) > 1, 'it to reach a public address');
  await server.stop('SIGKILL');
  await server.start();
  const before = await lines();
  await until(async () => (await lines()) > before + 2, 'it to reach it still');
  expect(await networksOf(server.instance)).toContain(networkName(sandbox.sandboxId));
  await sandbox.setTimeout(2);
  await server.stop('SIGKILL');
  await server.start();
  await until(async () => !(await networksOf(server.instance)).includes(networkName(sandbox.sandboxId)), 'its network to go');
  await until(
    async () => (await networksOf(server.instance)).length > 0 || (await rulesOf(server.instance)).length === 0,
    'the rules to go with the last network',
  );
});
