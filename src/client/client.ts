import { type Control, createControl } from './control.ts';
import { createFiles, type Files } from './files.ts';
import { createFollowing, type Following } from './following.ts';
import { createProcesses, type Processes } from './processes.ts';
import { type CallOptions, type ClientOptions, createTransport } from './transport.ts';
import type { Health, Languages } from './types.ts';

export interface Client extends Processes, Control, Following {
  readonly files: Files;
  health(options?: CallOptions): Promise<Health>;
  languages(options?: CallOptions): Promise<Languages>;
}

/** A client of one server and token. It makes no connection before the first call, and has nothing to close. */
export function createClient(options: ClientOptions): Client {
  const transport = createTransport(options);
  const get =
    <T>(path: string) =>
    ({ signal }: CallOptions = {}) =>
      transport.json<T>({ method: 'GET', path, signal, isRepeatable: true });
  return {
    ...createProcesses(transport),
    ...createControl(transport),
    ...createFollowing(transport),
    files: createFiles(transport),
    health: get('/health'),
    languages: get('/languages'),
  };
}
