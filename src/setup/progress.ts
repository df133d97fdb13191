import type Docker from 'dockerode';
import { SetupError } from './steps.ts';

interface ProgressEvent {
  readonly stream?: string;
  readonly error?: string;
}

const KEPT_LINES = 40;

/** Waits for the engine to come to the end of a pull, an import or a build. Rejects with its error and the last lines it printed. */
export async function followProgress(docker: Docker, progress: NodeJS.ReadableStream, onLine: (line: string) => void = () => undefined): Promise<void> {
  const lines: string[] = [];
  let failure: string | undefined;
  function note({ stream, error }: ProgressEvent): void {
    failure ??= error;
    for (const line of (stream ?? '').split('\n').filter((text) => text.trim() !== '')) {
      lines.push(line);
      onLine(line);
    }
    lines.splice(0, lines.length - KEPT_LINES);
  }
  await new Promise<void>((resolve, reject) => {
    // The engine answers 200 and says in the stream that it failed; docker-modem passes over that.
    const finish = (error: Error | null) => {
      const problem = error?.message ?? failure;
      if (problem === undefined) resolve();
      else reject(new SetupError([...lines, problem].join('\n')));
    };
    docker.modem.followProgress(progress, finish, note);
  });
}
