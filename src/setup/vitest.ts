import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PROJECT_ROOT } from '../version.ts';

/** What vitest writes of a run, as far as it is used. */
export interface TestReport {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly testResults: readonly {
    /** The file, absolute. */
    readonly name: string;
    readonly status: string;
    /** Why the file failed, when no test of it says so. */
    readonly message: string;
    readonly assertionResults: readonly { readonly fullName: string; readonly status: string }[];
  }[];
}

export interface TestRun {
  readonly exitCode: number;
  readonly report: TestReport;
}

/** Runs the suites with vitest's own output on the terminal. Rejects when vitest ends before it can report. */
export async function runVitest(args: readonly string[], env: NodeJS.ProcessEnv = process.env): Promise<TestRun> {
  const folder = await mkdtemp(join(tmpdir(), 'coracle-test-'));
  try {
    const path = join(folder, 'report.json');
    const program = join(PROJECT_ROOT, 'node_modules', 'vitest', 'vitest.mjs');
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${path}`];
    const exitCode = await runNode([program, 'run', '--config', 'test/vitest.config.ts', ...reporters, ...args], env);
    return { exitCode, report: JSON.parse(await readFile(path, 'utf8')) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Runs a program of the project on the project's own Node, on this terminal. Answers its exit code. */
export function runNode(args: readonly string[], env: NodeJS.ProcessEnv = process.env): Promise<number> {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', ...args], { cwd: PROJECT_ROOT, stdio: 'inherit', env });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code) => resolve(code ?? 1));
  });
}
