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
  function note({ stream }: ProgressEvent): void {
    for (const line of (stream ?? '').split('\n').filter((text) => text.trim() !== '')) {
      lines.push(line);
      onLine(line);
    }
    lines.splice(0, lines.length - KEPT_LINES);
  }
  await new Promise<void>((resolve, reject) => {
    const finish = (error: Error | null) => (error ? reject(new SetupError([...lines, error.message].join('\n'))) : resolve());
    docker.modem.followProgress(progress, finish, note);
  });
}
