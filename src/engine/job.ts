/** The launcher's exit code when whoever started it went away before the whole job had come. */
export const NO_JOB_EXIT_CODE = 125;

/** What the launcher of a container reads from standard input (images/launcher/launch). */
export interface Job {
  /** Absolute; made when it is missing under /workspace or /tmp. */
  readonly workingDir: string;
  /** Absolute path to write `code` to, or empty for none. */
  readonly file: string;
  readonly compile: readonly string[];
  readonly run: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly code: string;
}

/**
 * The launcher's format: a length in 4 bytes, big-endian, then fields with NUL between them. No field can hold a NUL, so the caller's text
 * can never become another field. Throws a RangeError when one does: input validation refuses NUL before.
 */
export function encodeJob(job: Job): Buffer {
  const variables = Object.entries(job.env).map(([name, value]) => `${name}=${value}`);
  const fields = [job.workingDir, job.file, ...counted(job.compile), ...counted(job.run), ...counted(variables), job.code];
  if (fields.some((field) => field.includes('\0'))) throw new RangeError('a job cannot hold NUL characters');
  const body = Buffer.from(fields.join('\0'));
  const length = Buffer.alloc(4);
  length.writeUInt32BE(body.length);
  return Buffer.concat([length, body]);
}

function counted(values: readonly string[]): string[] {
  return [String(values.length), ...values];
}
