/** An entry of the engine's `runtimes`, as `info` shows it. */
export interface RuntimeEntry {
  readonly path?: string;
  readonly runtimeArgs?: readonly string[] | null;
  /** The containerd shim, for runtimes that are no program of runc's kind. */
  readonly type?: string;
}

export interface RuntimeInfo {
  readonly DefaultRuntime?: string;
  readonly Runtimes?: Readonly<Record<string, RuntimeEntry>>;
}

/** What container options have to know of the engine's runtimes. */
export function runtimeTraits({ DefaultRuntime = 'runc', Runtimes = {} }: RuntimeInfo): { defaultRuntime: string; gvisorRuntimes: string[] } {
  const gvisor = Object.entries(Runtimes).filter(([name, entry]) => isGvisor(name, entry));
  return { defaultRuntime: DefaultRuntime, gvisorRuntimes: gvisor.map(([name]) => name) };
}

/** By name, program or shim: operators name it as they like. */
export function isGvisor(name: string, { path = '', type = '' }: RuntimeEntry): boolean {
  return [name, path.slice(path.lastIndexOf('/') + 1), type].some((text) => /runsc|gvisor/i.test(text));
}
