import type { ProcessSource, SourceFile } from '../../process/source.ts';
import { type Row, text, textOrNull } from './process-rows.ts';

export const SOURCE_COLUMNS = ['code', 'env', 'command', 'wants_result', 'args', 'files', 'stdin', 'stdin_closed'] as const;

type SourceRow = Record<(typeof SOURCE_COLUMNS)[number], string | number | Uint8Array | null>;

export function toSourceRow({ code, env, command, wantsResult, args, files, stdin }: ProcessSource): SourceRow {
  return {
    code,
    env: JSON.stringify(env),
    command: command ? JSON.stringify(command) : null,
    wants_result: wantsResult ? 1 : 0,
    args: args ? JSON.stringify(args) : null,
    files: files ? JSON.stringify(files.map(({ path, content }) => [path, Buffer.from(content).toString('base64')])) : null,
    stdin: stdin ? stdin.data : null,
    stdin_closed: stdin ? Number(stdin.isClosed) : null,
  };
}

export function fromSourceRow(row: Row): ProcessSource {
  const [command, args, files] = [row['command'], row['args'], row['files']].map(textOrNull);
  const stdin = row['stdin'];
  return {
    code: text(row['code']),
    env: JSON.parse(text(row['env'])),
    ...(command ? { command: JSON.parse(command) } : {}),
    ...(row['wants_result'] === 1 ? { wantsResult: true } : {}),
    ...(args ? { args: JSON.parse(args) } : {}),
    ...(files ? { files: filesIn(JSON.parse(files)) } : {}),
    ...(stdin instanceof Uint8Array ? { stdin: { data: Buffer.from(stdin), isClosed: row['stdin_closed'] === 1 } } : {}),
  };
}

function filesIn(entries: readonly (readonly [path: string, base64: string])[]): SourceFile[] {
  return entries.map(([path, base64]) => ({ path, content: Buffer.from(base64, 'base64') }));
}
