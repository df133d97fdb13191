import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import type { EngineHealth } from '../../execution/engine-health.ts';
import type { LanguageRegistry } from '../../languages/registry.ts';
import { VERSION } from '../../version.ts';
import { authErrors } from '../schemas/common.ts';
import { healthReply, languagesReply } from '../schemas/server.ts';

export function healthRoutes({ health, languages }: { health: EngineHealth; languages: LanguageRegistry }): FastifyPluginAsyncZod {
  return async (app) => {
    app.get('/health', { schema: healthSchema }, async () => {
      const isReachable = await health.isReachable();
      return {
        status: isReachable ? ('healthy' as const) : ('degraded' as const),
        agent: 'coracle' as const,
        version: VERSION,
        uptime: process.uptime(),
        uptime_seconds: process.uptime(),
        engine: isReachable ? ('reachable' as const) : ('unreachable' as const),
        features: { background: true, languages: languages.all.map(({ name }) => name) },
        timestamp: new Date().toISOString(),
      };
    });
  };
}

const healthSchema = { summary: 'Whether the server and its container engine work', tags: ['server'], security: [], response: { 200: healthReply } };

export function languageRoutes({ languages }: { languages: LanguageRegistry }): FastifyPluginAsyncZod {
  const all = languages.all.map(({ name, version, aliases }) => ({ name, version, aliases: [...aliases] }));
  return async (app) => {
    app.get('/languages', { schema: languagesSchema, config: { scope: 'any' } }, async () => ({ languages: all, count: all.length }));
  };
}

const languagesSchema = { summary: 'The languages that code may be in', tags: ['server'], response: { 200: languagesReply, ...authErrors } };
