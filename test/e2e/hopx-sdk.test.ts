import { Sandbox } from '@hopx-ai/sdk';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { containersOf, workspacesOf } from '../support/docker.ts';
import { type Hopx, newKey, openHopx } from '../support/hopx.ts';
import { until } from '../support/until.ts';

let hopx: Hopx;

beforeAll(async () => {
  hopx = await openHopx();
});
afterAll(() => hopx[Symbol.asyncDispose]());

describe('sandboxes', () => {
  it('are created with what is asked for, and tell it', async () => {
    const sandbox = await hopx.create({ timeoutSeconds: 3600, internetAccess: true, region: 'moon', envVars: { A: '1' } });
    const info = await sandbox.getInfo();
    expect(info).toMatchObject({ sandboxId: sandbox.sandboxId, templateName: 'code-interpreter', region: 'moon', status: 'running', timeoutSeconds: 3600 });
    expect(info).toMatchObject({ publicHost: hopx.server.url, internetAccess: false, resources: { vcpu: 1, memoryMb: 512, diskMb: expect.any(Number) } });
    expect(await sandbox.env.get('A')).toBe('1');
    expect(await sandbox.getTimeToExpiry()).toBeGreaterThan(3500);
    expect(await sandbox.getExpiryInfo()).toMatchObject({ hasTimeout: true, isExpired: false });
    await sandbox.kill();
  });

  it('are connected to by id, listed one page after the other, and gone once they are killed', async () => {
    const sandboxes = await Promise.all([hopx.create(), hopx.create({ template: 'base', region: 'moon' })]);
    const ids = sandboxes.map(({ sandboxId }) => sandboxId);
    expect((await hopx.connect(ids[0] ?? '')).sandboxId).toBe(ids[0]);
    expect((await Sandbox.list(hopx.options)).map(({ sandboxId }) => sandboxId)).toEqual(expect.arrayContaining(ids));
    expect((await Sandbox.list({ ...hopx.options, region: 'moon' })).map(({ sandboxId }) => sandboxId)).toEqual([ids[1]]);
    const iterated = [];
    for await (const { sandboxId } of Sandbox.iter({ ...hopx.options, status: 'running' })) iterated.push(sandboxId);
    expect(iterated).toEqual(expect.arrayContaining(ids));
    for (const sandbox of sandboxes) await sandbox.kill();
    expect(await Sandbox.list(hopx.options)).toEqual([]);
    for (const sandbox of sandboxes) {
      await expect(sandbox.getInfo()).rejects.toMatchObject({ name: 'SandboxExpiredError', requestId: expect.stringMatching(/^req_/) });
      await expect(sandbox.env.getAll()).rejects.toMatchObject({ name: 'SandboxExpiredError', sandboxId: sandbox.sandboxId });
      await expect(hopx.connect(sandbox.sandboxId)).rejects.toMatchObject({ name: 'SandboxExpiredError' });
    }
  });

  it('end when their time is over, with their processes', async () => {
    const sandbox = await hopx.create({ timeoutSeconds: 600 });
    await sandbox.runCodeBackground('import time; time.sleep(600)');
    await sandbox.setTimeout(1);
    await until(async () => (await sandbox.getInfo().catch(({ name }) => name)) === 'SandboxExpiredError', 'the end of the sandbox');
    await until(async () => hopx.server.output().includes(`"sandbox":"${sandbox.sandboxId}"`), 'its removal');
  });

  it('stand still while they are paused, over a restart of the server, and go on where they were', async () => {
    const sandbox = await hopx.create({ timeoutSeconds: 600 });
    const code = 'import time\nfor i in range(1000):\n    print(i, flush=True)\n    time.sleep(0.05)';
    await sandbox.runCodeBackground(code, { timeout: 60 });
    const lines = async () => ((await sandbox.listProcesses())[0] as unknown as { stdout: string }).stdout.split('\n').length;
    await until(async () => (await lines()) > 3, 'its first lines');
    await sandbox.pause();
    expect((await sandbox.getInfo()).status).toBe('paused');
    await hopx.server.stop('SIGKILL');
    await hopx.server.start();
    await until(async () => (await lines()) > 3, 'the lines that it had');
    const before = await lines();
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    expect(await lines()).toBe(before);
    const again = await hopx.connect(sandbox.sandboxId);
    expect((await again.getInfo()).status).toBe('running');
    await until(async () => (await lines()) > before + 3, 'more lines');
    await sandbox.pause();
    await sandbox.resume();
    await sandbox.kill();
  });

  it('of another tenant are not there', async () => {
    const sandbox = await hopx.create();
    const globex = { ...hopx.options, apiKey: await newKey(hopx.server.dataDir, 'globex') };
    await expect(Sandbox.connect(sandbox.sandboxId, globex.apiKey, globex.baseURL)).rejects.toMatchObject({ name: 'SandboxExpiredError' });
    expect(await Sandbox.list(globex)).toEqual([]);
    await sandbox.kill();
  });

  it('are refused without a good key, and for a template that there is not', async () => {
    await expect(Sandbox.create({ ...hopx.options, apiKey: 'crk_wrong', template: 'base' })).rejects.toMatchObject({ name: 'AuthenticationError' });
    await expect(hopx.create({ template: 'desktop' })).rejects.toMatchObject({
      name: 'APIError',
      statusCode: 404,
      message: expect.stringContaining('code-interpreter'),
    });
  });
});

describe('templates', () => {
  it('are listed, filtered and found by name', async () => {
    const all = await Sandbox.listTemplates(hopx.options);
    expect(all.map(({ name }) => name)).toEqual(['code-interpreter', 'base', 'bash', 'go', 'javascript', 'python', 'typescript']);
    expect((await Sandbox.listTemplates({ ...hopx.options, category: 'language', language: 'py' })).map(({ name }) => name)).toEqual(['python']);
    expect(await Sandbox.getTemplate('code-interpreter', hopx.options)).toMatchObject({
      id: 'code-interpreter',
      displayName: 'Code interpreter',
      isActive: true,
    });
    await expect(Sandbox.getTemplate('desktop', hopx.options)).rejects.toMatchObject({ name: 'APIError', statusCode: 404 });
    await expect(Sandbox.deleteTemplate('base', hopx.options)).rejects.toMatchObject({ name: 'APIError', statusCode: 400 });
  });
});

describe('the environment', () => {
  it('is read, set, changed and deleted one by one, with nothing masked on the way', async () => {
    const { env, ...sandbox } = await withEnv();
    await env.setAll({ API_KEY: 'secret value', B: '2' });
    await env.set('C', '3');
    expect(await env.update({ B: '4' })).toEqual({ API_KEY: 'secret value', B: '4', C: '3' });
    await env.delete('B');
    expect(await env.getAll()).toEqual({ API_KEY: 'secret value', C: '3' });
    const { process_id } = await sandbox.run("import os; print(os.environ['API_KEY'], os.environ['C'], os.environ.get('B'))", { C: 'of the request' });
    expect(await sandbox.outputOf(process_id)).toBe('secret value of the request None\n');
    await sandbox.kill();
  });

  async function withEnv() {
    const sandbox = await hopx.create();
    const ended = async (id: string) => {
      const process = (await sandbox.listProcesses()).find(({ process_id }) => process_id === id) as { status: string; stdout: string } | undefined;
      return process && ['completed', 'failed', 'killed'].includes(process.status) ? process : undefined;
    };
    return {
      env: sandbox.env,
      kill: () => sandbox.kill(),
      run: (code: string, env: Record<string, string>) => sandbox.runCodeBackground(code, { env }),
      outputOf: async (id: string) => (await until(() => ended(id), 'the end of the process')).stdout,
    };
  }
});

describe('processes', () => {
  it('run in the background, are listed with their output, and are killed', async () => {
    const sandbox = await hopx.create();
    const { process_id, execution_id, status } = await sandbox.runCodeBackground('import time; print("here", flush=True); time.sleep(600)', { name: 'long' });
    expect({ process_id, execution_id, status }).toEqual({
      process_id: expect.stringMatching(/^proc_/),
      execution_id: expect.stringMatching(/^exec_/),
      status: 'queued',
    });
    const list = async () => (await sandbox.listProcesses()) as unknown as { process_id: string; status: string; stdout: string; name: string }[];
    await until(async () => (await list())[0]?.stdout === 'here\n', 'its output');
    expect(await list()).toMatchObject([{ process_id, name: 'long', status: 'running' }]);
    await sandbox.killProcess(process_id);
    expect(await list()).toMatchObject([{ process_id, status: 'killed' }]);
    await expect(sandbox.killProcess(process_id)).rejects.toMatchObject({ name: 'APIError', statusCode: 404 });
    await expect(sandbox.killProcess('proc_none')).rejects.toMatchObject({ name: 'APIError', statusCode: 404, message: 'No such process: proc_none' });
    await sandbox.kill();
  });

  it('do not time out while their sandbox is paused, are killed all the same, and leave nothing on the engine', async () => {
    const sandbox = await hopx.create();
    const code = 'import time; time.sleep(600)';
    const timed = await sandbox.runCodeBackground(code, { timeout: 8 });
    const killed = await sandbox.runCodeBackground(code);
    const of = async ({ process_id: id }: { process_id: string }) =>
      (await sandbox.listProcesses()).find(({ process_id }) => process_id === id) as unknown as { status: string; timed_out: boolean };
    for (const process of [timed, killed]) await until(async () => (await of(process)).status === 'running', 'both to run');
    await sandbox.pause();
    const pausedAt = Date.now();
    await sandbox.killProcess(killed.process_id);
    expect(await of(killed)).toMatchObject({ status: 'killed' });
    await until(() => Date.now() - pausedAt > 9_000, 'more than the time-out');
    expect(await of(timed)).toMatchObject({ status: 'running' });
    await sandbox.resume();
    await until(async () => (await of(timed)).timed_out, 'the time-out');
    expect((await workspacesOf(hopx.server.instance)).length).toBeGreaterThan(0);
    await sandbox.kill();
    expect(await containersOf(hopx.server.instance)).toEqual([]);
    expect(await workspacesOf(hopx.server.instance)).toEqual([]);
  });
});

describe('the server', () => {
  it('tells how it is, and what goes on in a sandbox', async () => {
    expect(await Sandbox.healthCheck(hopx.server.url)).toMatchObject({ status: 'healthy', agent: 'coracle', uptime_seconds: expect.any(Number) });
    const sandbox = await hopx.create();
    await sandbox.ensureHealthy();
    expect(await sandbox.isHealthy()).toBe(true);
    expect(await sandbox.getAgentInfo()).toMatchObject({ agent: 'coracle', version: expect.any(String), features: { code_execution: true } });
    const { process_id } = await sandbox.runCodeBackground('import time; time.sleep(600)', { name: 'long' });
    expect(await sandbox.listSystemProcesses()).toMatchObject([{ process_id, name: 'long' }]);
    expect(await sandbox.getMetricsSnapshot()).toMatchObject({ total_executions: 1, active_executions: 1, uptime_seconds: expect.any(Number) });
    expect(await sandbox.getAgentMetrics()).toMatchObject({ requests_total: expect.any(Number), avg_duration_ms: 0, p95_duration_ms: 0 });
    await sandbox.kill();
  });

  it('says what it does not have', async () => {
    const sandbox = await hopx.create();
    expect(await sandbox.getJupyterSessions()).toEqual([]);
    expect(await sandbox.cache.stats()).toMatchObject({ cache: { size: 0, total_hits: 0 } });
    expect(await sandbox.cache.clear()).toMatchObject({ entries_removed: 0 });
    await expect(sandbox.desktop.startVnc()).rejects.toMatchObject({ name: 'DesktopNotAvailableError' });
    await expect(sandbox.desktop.screenshot()).rejects.toMatchObject({ name: 'DesktopNotAvailableError' });
    await sandbox.kill();
  });
});
