import { readFileSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { configSchema, readConfig } from '../../src/config.ts';
import { PROJECT_ROOT } from '../../src/version.ts';

const MIB = 1024 * 1024;

function problemsOf(env: NodeJS.ProcessEnv): string {
  try {
    readConfig(env);
  } catch (error) {
    expect(error).toMatchObject({ code: 'CONFIG_INVALID' });
    return (error as Error).message;
  }
  return '';
}

describe('the configuration', () => {
  it('needs nothing', () => {
    const { maxContainers, dataDir, ...rest } = readConfig({});
    expect(rest).toEqual({
      host: '127.0.0.1',
      port: 7777,
      jwtSecret: undefined,
      corsOrigins: [],
      auditLog: undefined,
      trustedProxies: [],
      tokens: { jwksUrl: undefined, publicKeyFile: undefined, issuer: undefined, audience: undefined, tenantClaims: ['tenant', 'sub'] },
      tenantsFile: undefined,
      pool: { size: Math.ceil(maxContainers / 2), mostPerSandbox: 4 },
      maxQueued: 1_000,
      limits: { memoryBytes: 512 * MIB, cpus: 1, pids: 128, tmpBytes: 64 * MIB },
      workspaceBytes: 1024 * MIB,
      workspaceQuota: 'auto',
      runtimes: { standard: null, offered: [] },
      egress: { isOn: false, allowed: [], resolvers: ['1.1.1.1', '8.8.8.8'], subnets: ['198.18.0.0/15'] },
      output: { defaultBytes: 16 * MIB, mostBytes: 64 * MIB, onLimit: 'truncate' },
      floodBytesPerSecond: 4 * MIB,
      retention: { keptMs: 86_400_000, mostPerSandbox: 10_000, mostBytes: 10_240 * MIB },
      leastFreeBytes: 256 * MIB,
      mostFileBytes: 100 * MIB,
      allowPrivateCallbacks: false,
      sweepMs: 30_000,
      allowEmptyStore: false,
      imageTag: 'latest',
      logLevel: 'info',
    });
    expect(maxContainers).toBeGreaterThanOrEqual(1);
    expect(dataDir).toBe(join(process.cwd(), '.coracle'));
  });

  it('takes every setting', () => {
    const env = {
      CORACLE_HOST: '::1',
      CORACLE_PORT: '0',
      CORACLE_PUBLIC_URL: 'https://sandboxes.example.com/',
      CORACLE_DATA_DIR: '/var/lib/coracle',
      CORACLE_JWT_SECRET: 's'.repeat(32),
      CORACLE_JWT_JWKS_URL: 'https://id.example/keys',
      CORACLE_JWT_ISSUER: 'https://id.example/',
      CORACLE_JWT_AUDIENCE: 'coracle',
      CORACLE_JWT_TENANT_CLAIM: 'org_id',
      CORACLE_AUDIT_LOG: '/var/log/audit',
      CORACLE_TRUSTED_PROXIES: '10.0.0.0/8, ::1',
      CORACLE_CORS_ORIGINS: 'https://app.example, http://localhost:5173',
      CORACLE_TENANTS_FILE: '/etc/tenants.json',
      CORACLE_MAX_CONTAINERS: '3',
      CORACLE_POOL: 'on',
      CORACLE_POOL_SIZE: '2',
      CORACLE_POOL_PER_SANDBOX: '1',
      CORACLE_MAX_QUEUED: '0',
      CORACLE_MEMORY_MB: '16',
      CORACLE_CPUS: '0.5',
      CORACLE_PIDS: '64',
      CORACLE_TMP_MB: '1',
      CORACLE_WORKSPACE_MB: '4',
      CORACLE_WORKSPACE_QUOTA: 'hard',
      CORACLE_RUNTIME: 'runsc',
      CORACLE_RUNTIMES: 'runc, kata',
      CORACLE_EGRESS: 'on',
      CORACLE_EGRESS_ALLOW: '10.1.0.0/16, 192.168.3.4',
      CORACLE_EGRESS_DNS: '10.1.0.53',
      CORACLE_EGRESS_SUBNETS: '172.30.0.0/16 10.77.0.0/20',
      CORACLE_OUTPUT_MB: '2',
      CORACLE_MAX_OUTPUT_MB: '3',
      CORACLE_OUTPUT_LIMIT: 'kill',
      CORACLE_FLOOD_MB_PER_S: '0.5',
      CORACLE_RETENTION_HOURS: '0.5',
      CORACLE_RETENTION_COUNT: '7',
      CORACLE_RETENTION_MB: '8',
      CORACLE_MIN_FREE_MB: '9',
      CORACLE_MAX_FILE_MB: '5',
      CORACLE_WEBHOOK_ALLOW_PRIVATE: 'true',
      CORACLE_SWEEP_SECONDS: '0.2',
      CORACLE_ALLOW_EMPTY_STORE: 'true',
      CORACLE_IMAGE_TAG: '1.2',
      CORACLE_LOG_LEVEL: 'silent',
    };
    const others = ['CORACLE_JWT_PUBLIC_KEY_FILE'];
    expect([...Object.keys(env), ...others].toSorted()).toEqual(Object.keys(configSchema.shape).toSorted());
    expect(readConfig(env)).toEqual({
      host: '::1',
      publicUrl: 'https://sandboxes.example.com',
      port: 0,
      dataDir: '/var/lib/coracle',
      jwtSecret: 's'.repeat(32),
      auditLog: '/var/log/audit',
      trustedProxies: ['10.0.0.0/8', '::1'],
      corsOrigins: ['https://app.example', 'http://localhost:5173'],
      tokens: {
        jwksUrl: 'https://id.example/keys',
        publicKeyFile: undefined,
        issuer: 'https://id.example/',
        audience: 'coracle',
        tenantClaims: ['org_id'],
      },
      tenantsFile: '/etc/tenants.json',
      maxContainers: 3,
      pool: { size: 2, mostPerSandbox: 1 },
      maxQueued: 0,
      limits: { memoryBytes: 16 * MIB, cpus: 0.5, pids: 64, tmpBytes: MIB },
      workspaceBytes: 4 * MIB,
      workspaceQuota: 'hard',
      runtimes: { standard: 'runsc', offered: ['runc', 'kata'] },
      egress: { isOn: true, allowed: ['10.1.0.0/16', '192.168.3.4'], resolvers: ['10.1.0.53'], subnets: ['172.30.0.0/16', '10.77.0.0/20'] },
      output: { defaultBytes: 2 * MIB, mostBytes: 3 * MIB, onLimit: 'kill' },
      floodBytesPerSecond: MIB / 2,
      retention: { keptMs: 1_800_000, mostPerSandbox: 7, mostBytes: 8 * MIB },
      leastFreeBytes: 9 * MIB,
      mostFileBytes: 5 * MIB,
      allowPrivateCallbacks: true,
      sweepMs: 200,
      allowEmptyStore: true,
      imageTag: '1.2',
      logLevel: 'silent',
    });
  });

  it.each(['', ' ', '\t\n'])('takes %j as not set, as Compose files leave variables', (blank) => {
    const env = Object.fromEntries(Object.keys(configSchema.shape).map((name) => [name, blank]));
    expect(readConfig(env)).toEqual(readConfig({}));
  });

  it('is told in README, every setting of it', () => {
    const told = [...readFileSync(join(PROJECT_ROOT, 'README.md'), 'utf8').matchAll(/^\| `(CORACLE_\w+)` \|/gm)].map(([, name]) => name);
    expect(told.toSorted()).toEqual(Object.keys(configSchema.shape).toSorted());
  });

  it('makes the data folder absolute', () => {
    expect(isAbsolute(readConfig({ CORACLE_DATA_DIR: 'data' }).dataDir)).toBe(true);
  });

  it('leaves the variables of others alone', () => {
    expect(readConfig({ PATH: '/bin', coracle_port: 'x', MY_CORACLE_PORT: 'x' })).toEqual(readConfig({}));
  });

  it.each([
    ['CORACLE_PORT', '65536'],
    ['CORACLE_PUBLIC_URL', 'sandboxes.example.com'],
    ['CORACLE_PUBLIC_URL', 'ftp://example.com'],
    ['CORACLE_PUBLIC_URL', 'https://example.com/path'],
    ['CORACLE_PORT', '-1'],
    ['CORACLE_PORT', 'http'],
    ['CORACLE_PORT', '80.5'],
    ['CORACLE_MAX_CONTAINERS', '0'],
    ['CORACLE_MAX_QUEUED', '-1'],
    ['CORACLE_MEMORY_MB', '15'],
    ['CORACLE_MEMORY_MB', 'Infinity'],
    ['CORACLE_CPUS', '0'],
    ['CORACLE_CPUS', 'NaN'],
    ['CORACLE_PIDS', '7'],
    ['CORACLE_TMP_MB', '0'],
    ['CORACLE_WORKSPACE_MB', '0'],
    ['CORACLE_WORKSPACE_QUOTA', 'soft'],
    ['CORACLE_RUNTIME', '../runc'],
    ['CORACLE_RUNTIMES', 'runc;id'],
    ['CORACLE_EGRESS', 'public'],
    ['CORACLE_EGRESS_ALLOW', 'intranet.example'],
    ['CORACLE_EGRESS_ALLOW', '10.0.0.0/33'],
    ['CORACLE_EGRESS_ALLOW', 'fd00::/8'],
    ['CORACLE_EGRESS_ALLOW', '0xa000001'],
    ['CORACLE_EGRESS_DNS', '127.0.0.53'],
    ['CORACLE_EGRESS_DNS', '1.1.1.1, 1.0.0.1, 8.8.8.8, 8.8.4.4'],
    ['CORACLE_EGRESS_DNS', '2606:4700:4700::1111'],
    ['CORACLE_EGRESS_SUBNETS', '198.18.0.1'],
    ['CORACLE_EGRESS_SUBNETS', ','],
    ['CORACLE_OUTPUT_MB', '4097'],
    ['CORACLE_LOG_LEVEL', 'loud'],
    ['CORACLE_JWT_SECRET', 's'.repeat(31)],
    ['CORACLE_TRUSTED_PROXIES', 'proxy.example'],
    ['CORACLE_TRUSTED_PROXIES', '10.0.0.0/33'],
    ['CORACLE_CORS_ORIGINS', '*'],
    ['CORACLE_CORS_ORIGINS', 'https://app.example/'],
    ['CORACLE_CORS_ORIGINS', 'app.example'],
    ['CORACLE_JWT_JWKS_URL', 'keys'],
    ['CORACLE_JWT_JWKS_URL', 'http://id.example/keys'],
    ['CORACLE_JWT_JWKS_URL', 'file:///etc/keys'],
  ])('refuses %s=%s by name', (name, value) => {
    expect(problemsOf({ [name]: value })).toMatch(new RegExp(`^  ${name}: \\S`, 'm'));
  });

  it.each(['http://127.0.0.1:8/k', 'http://localhost/k', 'http://[::1]/k'])('takes keys without TLS from this machine: %s', (url) => {
    expect(readConfig({ CORACLE_JWT_JWKS_URL: url, CORACLE_JWT_ISSUER: 'i', CORACLE_JWT_AUDIENCE: 'a' }).tokens.jwksUrl).toBe(url);
  });

  it('makes the file of keys absolute, and takes no second place for keys', () => {
    expect(readConfig({ CORACLE_JWT_PUBLIC_KEY_FILE: 'key.pem' }).tokens.publicKeyFile).toBe(join(process.cwd(), 'key.pem'));
    const both = { CORACLE_JWT_PUBLIC_KEY_FILE: 'key.pem', CORACLE_JWT_JWKS_URL: 'https://id.example/keys' };
    expect(problemsOf(both)).toMatch(/CORACLE_JWT_PUBLIC_KEY_FILE: cannot be set beside/);
  });

  it("takes no provider's keys without saying whose tokens and what for", () => {
    expect(problemsOf({ CORACLE_JWT_JWKS_URL: 'https://id.example/keys' })).toMatch(/CORACLE_JWT_ISSUER: must.*\n.*CORACLE_JWT_AUDIENCE: must/);
  });

  it('counts the secret in bytes', () => {
    expect(readConfig({ CORACLE_JWT_SECRET: '€'.repeat(11) }).jwtSecret).toHaveLength(11);
  });

  it('does not repeat a secret that it refuses', () => {
    expect(problemsOf({ CORACLE_JWT_SECRET: 'hunter2', CORACLE_JWT_SECRT: 'hunter2' })).not.toContain('hunter2');
  });

  it('lists every problem at once', () => {
    const problems = problemsOf({ CORACLE_PORT: 'x', CORACLE_CPUS: '-1', CORACLE_PRT: '80', CORACLE_LOG: 'info', CORACLE_HOST: '0.0.0.0' });
    const names = problems
      .split('\n')
      .slice(1)
      .map((line) => line.trim().split(':')[0]);
    expect(names.toSorted()).toEqual(['CORACLE_CPUS', 'CORACLE_LOG', 'CORACLE_PORT', 'CORACLE_PRT']);
    expect(problems).toMatch(/CORACLE_PRT: no such setting/);
  });
});
