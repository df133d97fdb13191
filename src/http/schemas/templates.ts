import { z } from 'zod';

export const templateQuery = z.object({
  category: z.string().optional().describe('development or language'),
  language: z.string().optional().describe('A name or alias of GET /languages'),
});

export const templateParams = z.object({ name: z.string().min(1).max(128) });

const resources = z.object({ vcpu: z.number(), memory_mb: z.int(), disk_gb: z.int() });

export const templateSchema = z
  .object({
    id: z.string(),
    name: z.string(),
    display_name: z.string(),
    description: z.string(),
    category: z.string(),
    language: z.string().nullable().describe('null: for all of them'),
    features: z.array(z.string()),
    tags: z.array(z.string()),
    is_active: z.boolean(),
    status: z.literal('active'),
    default_resources: resources,
    max_resources: resources,
  })
  .meta({ id: 'Template' });

export const templatesReply = z.object({ data: z.array(templateSchema) }).meta({ id: 'TemplateList' });
