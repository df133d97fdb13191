import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import type { ContainerLimits } from '../../process/limits.ts';
import { filterTemplates, type Template } from '../../sandbox/templates.ts';
import { HttpError, noSuchTemplate } from '../errors.ts';
import { controlErrorSchema, controlErrors } from '../schemas/sandboxes.ts';
import { templateParams, templateQuery, templateSchema, templatesReply } from '../schemas/templates.ts';

export interface TemplateRoutesDependencies {
  readonly templates: readonly Template[];
  readonly limits: ContainerLimits;
  readonly diskBytes: number;
}

const MIB = 1024 * 1024;

export function templateRoutes({ templates, limits, diskBytes }: TemplateRoutesDependencies): FastifyPluginAsyncZod {
  const resources = { vcpu: limits.cpus, memory_mb: Math.floor(limits.memoryBytes / MIB), disk_gb: Math.floor(diskBytes / MIB / 1024) };
  const present = ({ displayName, aliases, ...template }: Template) => ({
    id: template.name,
    ...template,
    display_name: displayName,
    features: ['background', 'files', 'terminal'],
    tags: template.language === null ? [] : [template.language, ...aliases],
    is_active: true,
    status: 'active' as const,
    default_resources: resources,
    max_resources: resources,
  });

  return async (app) => {
    app.get('/v1/templates', { schema: schemas.list, config }, async ({ query }) => ({ data: filterTemplates(templates, query).map(present) }));

    app.get('/v1/templates/:name', { schema: schemas.get, config }, async ({ params: { name } }) => {
      const found = templates.find((template) => template.name === name);
      if (!found) throw noSuchTemplate(name, templates);
      return present(found);
    });

    for (const { method, url } of BUILDS) {
      app.route({ method, url, schema: schemas.build, config, handler: async () => Promise.reject(noBuilds()) });
    }
  };
}

/** What the SDKs send to build and remove templates. */
const BUILDS = [
  { method: 'POST', url: '/v1/templates/build' },
  { method: 'GET', url: '/v1/templates/build/:build_id/status' },
  { method: 'GET', url: '/v1/templates/build/:build_id/logs' },
  { method: 'POST', url: '/v1/templates/files/upload-link' },
  { method: 'DELETE', url: '/v1/templates/:name' },
] as const;

/** Not a 501: the JS SDK would take that for a missing desktop, and try again before. */
function noBuilds(): HttpError {
  return new HttpError({
    status: 400,
    code: 'INVALID_REQUEST',
    error: 'No template builds',
    message: 'This server builds no templates by the API. The operator adds a folder of images/ with a Dockerfile and a language.json instead.',
  });
}

const config = { scope: 'sandboxes' } as const;
const tags = ['templates'];

const schemas = {
  list: { summary: 'Names under which sandboxes can be asked for', tags, querystring: templateQuery, response: { 200: templatesReply, ...controlErrors } },
  get: {
    summary: 'One template',
    tags,
    params: templateParams,
    response: { 200: templateSchema, ...controlErrors, 404: controlErrorSchema.describe('No such template') },
  },
  build: { hide: true },
};
