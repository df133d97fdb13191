import { arch, platform } from 'node:os';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import type { LanguageRegistry } from '../../languages/registry.ts';
import type { LookAtMachine, Share } from '../../machine.ts';
import { VERSION } from '../../version.ts';
import { infoReply, pingReply, rootReply, systemReply } from '../schemas/machine.ts';

/** What needs no token: where this is, and how the machine is. */
export function machineRoutes({ lookAtMachine, languages }: { lookAtMachine: LookAtMachine; languages: LanguageRegistry }): FastifyPluginAsyncZod {
  const started = new Date(Date.now() - process.uptime() * 1000).toISOString();
  const features = { code_execution: true, background_jobs: true, system_metrics: true, ipython_kernel: false, desktop: false };
  const names = languages.all.map(({ name }) => name);

  return async (app) => {
    app.get('/', { schema: schemas.root }, async () => ({ name: 'coracle' as const, version: VERSION, docs: '/docs', openapi: '/openapi.json' }));

    app.get('/ping', { schema: schemas.ping }, async () => ({ status: 'ok' as const, message: 'pong' as const, timestamp: new Date().toISOString() }));

    app.get('/info', { schema: schemas.info }, async () => ({
      agent: 'coracle' as const,
      agent_version: VERSION,
      version: VERSION,
      os: platform(),
      arch: arch(),
      start_time: started,
      uptime: process.uptime(),
      uptime_seconds: process.uptime(),
      endpoints: ENDPOINTS,
      features: { ...features, languages: names },
    }));

    app.get('/system', { schema: schemas.system }, async () => {
      const { cores, cpuPercent, memory, disk } = await lookAtMachine();
      return {
        cpu: { usage_percent: cpuPercent, cores },
        memory: presentShare(memory),
        disk: presentShare(disk),
        timestamp: new Date().toISOString(),
      };
    });
  };
}

const ENDPOINTS = {
  background: 'POST /execute/background',
  processes: 'GET /execute/processes',
  kill: 'DELETE /execute/kill',
  sandboxes: '/v1/sandboxes',
  docs: 'GET /docs',
};

function presentShare({ total, used, free }: Share) {
  return { total, used, free, usage_percent: total === 0 ? 0 : Math.round((1_000 * used) / total) / 10 };
}

const open = { tags: ['server'], security: [] };

const schemas = {
  root: { summary: 'What this is, and where it is described', ...open, response: { 200: rootReply } },
  ping: { summary: 'Whether the server answers', ...open, response: { 200: pingReply } },
  info: { summary: 'What the server is and can', ...open, response: { 200: infoReply } },
  system: { summary: 'CPU, memory and disk of the machine that the server runs on', ...open, response: { 200: systemReply } },
};
