import { CoracleError } from '../errors.ts';
import type { ContainerLimits } from '../process/limits.ts';
import { INITIAL_ENVIRONMENT } from '../sandbox/environment.ts';
import { ON_FIRST_USE, type SandboxWish } from '../sandbox/sandbox.ts';
import type { Template } from '../sandbox/templates.ts';
import { noSuchTemplate } from './errors.ts';
import type { CreateBody } from './schemas/sandboxes.ts';

const MIB = 1024 * 1024;

export interface Offer {
  readonly templates: readonly Template[];
  readonly limits: ContainerLimits;
}

/** What a request for a sandbox asks for. Throws an HttpError for a template, and INVALID_REQUEST for resources, that the server does not offer. */
export function toWish(body: CreateBody, { templates, limits }: Offer): SandboxWish {
  const template = String(body.template_id ?? body.template_name ?? ON_FIRST_USE.template);
  if (!templates.some(({ name }) => name === template)) throw noSuchTemplate(template, templates);
  return {
    template,
    region: body.region,
    env: { ...INITIAL_ENVIRONMENT, ...body.env_vars },
    internetAccess: body.internet_access,
    limits: limitsOf(body.resources, limits),
    timeoutSeconds: body.timeout_seconds,
  };
}

function limitsOf(resources: CreateBody['resources'], most: ContainerLimits): SandboxWish['limits'] {
  const { vcpu = null, memory_mb: megabytes = null } = resources ?? {};
  if ((vcpu ?? 0) > most.cpus || (megabytes ?? 0) * MIB > most.memoryBytes)
    throw new CoracleError('INVALID_REQUEST', `resources: the server gives at most ${most.cpus} vcpu and ${most.memoryBytes / MIB} memory_mb. Ask for less.`);
  return { ...(vcpu === null ? {} : { cpus: vcpu }), ...(megabytes === null ? {} : { memoryBytes: megabytes * MIB }) };
}
