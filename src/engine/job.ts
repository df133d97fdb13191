/** The launcher's exit code when whoever started it went away before the whole job had come. */
export const NO_JOB_EXIT_CODE = 125;
/** What the launcher prints once it has the whole job, before its program can print anything; no part of the program's output. */
export const JOB_TAKEN = Buffer.from('coracle: job\n');

export interface JobFile {
  /** Absolute; its folders are made when they are missing. */
  readonly path: string;
  /** Permission bits, as in 0o644. */
  readonly mode: number;
  readonly content: Uint8Array;
}

/** What the launcher of a container reads from standard input (images/launcher/launch). */
export interface Job {
  /** Absolute; made when it is missing under /workspace or /tmp. */
  readonly workingDir: string;
  readonly compile: readonly string[];
  readonly run: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Written before anything runs, in this order; the code is one of them. */
  readonly files: readonly JobFile[];
}

/**
 * The launcher's format: a length in 4 bytes, big-endian, so many bytes of fields with NUL between them, and the contents of the files. No field can hold
 * a NUL, so the caller's text can never become another field; a content may hold anything. Throws a RangeError when a field has one: input validation
 * refuses NUL before.
 */
export function encodeJob({ workingDir, compile, run, env, files }: Job): Buffer {
  const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`);
  const placed = files.flatMap(({ path, mode, content }) => [path, mode.toString(8), String(content.length)]);
  const fields = [workingDir, ...counted(compile), ...counted(run), ...counted(variables), String(files.length), ...placed];
  if (fields.some((field) => field.includes('\0'))) throw new RangeError('a job cannot hold NUL characters');
  const head = Buffer.from(fields.join('\0'));
  const length = Buffer.alloc(4);
  length.writeUInt32BE(head.length);
  return Buffer.concat([length, head, ...files.map(({ content }) => content)]);
}

function counted(values: readonly string[]): string[] {
  return [String(values.length), ...values];
}
