import type { HostConfig, Options } from '../../support/bare-container.ts';

/** One option, and what shows that it does something. */
export interface Row {
  /** As `optionNames` has it. */
  readonly option: string;
  /** Takes it away; or, where the engine would do the same without being told, says the opposite. */
  readonly without: Change;
  /** Done to both. */
  readonly beside?: Change;
  readonly shows: (options: Options) => Promise<string>;
  readonly held: RegExp;
}

export type Change = (options: Options) => Options;

/** The host's part of the options, with some of it changed; `undefined` leaves an option out. */
export const host =
  (change: (config: HostConfig) => Partial<Record<keyof HostConfig | 'CgroupnsMode', unknown>>): Change =>
  (options) => ({ ...options, HostConfig: { ...options.HostConfig, ...change(options.HostConfig) } as HostConfig });

export const drop = (...names: (keyof HostConfig)[]): Change => host(() => Object.fromEntries(names.map((name) => [name, undefined])));

export const set =
  (change: Partial<Record<keyof Options, unknown>>): Change =>
  (options) =>
    ({ ...options, ...change }) as Options;

/** The names of all that is said to the engine, each setting of a list or a text of its own. */
export function optionNames({ HostConfig, ...options }: Options): string[] {
  const { SecurityOpt = [], Ulimits = [], Tmpfs = {}, Mounts = [], LogConfig, RestartPolicy, ...rest } = HostConfig;
  const tmpfs = Object.values(Tmpfs as Record<string, string>).flatMap((text) => text.split(','));
  return [
    ...Object.keys(options),
    ...Object.keys(rest),
    ...(SecurityOpt as string[]).map((text) => text.split(/[:=]/)[0] ?? ''),
    ...Ulimits.map(({ Name }) => `ulimit ${Name}`),
    ...tmpfs.map((text) => `Tmpfs ${text.split('=')[0]}`),
    ...new Set(Mounts.flatMap((mount) => leaves(mount, 'Mounts'))),
    ...leaves(LogConfig, 'LogConfig'),
    ...leaves(RestartPolicy, 'RestartPolicy'),
  ];
}

/** The labels' names are not the engine's, nor are there any options of a volume here. */
const WHOLE = ['Labels', 'Options'];

function leaves(value: unknown, name: string): string[] {
  if (typeof value !== 'object' || value === null || WHOLE.some((whole) => name.endsWith(` ${whole}`))) return [name];
  return Object.entries(value).flatMap(([key, inner]) => leaves(inner, `${name} ${key}`));
}
