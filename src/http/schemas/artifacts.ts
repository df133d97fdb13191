import { z } from 'zod';

const MOST_PATTERNS = 32;

export const artifactPatterns = z
  .array(z.string().min(1).max(1_024))
  .max(MOST_PATTERNS)
  .describe(
    'Globs of files to keep with the record when it has ended, as **/*.png; under /workspace or /tmp, or relative to the working directory; 256 files, 64 MiB',
  );

export const artifactQuery = z.object({ path: z.string().min(1).max(4_096).describe('As in the record, or relative to its working directory') });

export const artifactsOfRecord = z
  .array(z.object({ path: z.string(), size: z.int(), available: z.boolean().describe('false: it went beyond the 64 MiB that are kept') }))
  .nullable()
  .describe('What was kept of the files that were asked for; null until it has ended, after a kill, and when they could not be fetched');
