/** What an engine is made of, as far as it has versions of its own. */
export type EngineComponent = 'engine' | 'containerd' | 'runc';

/** What an engine says of itself. */
export interface EngineFacts {
  readonly versions: Readonly<Record<EngineComponent, string | undefined>>;
  readonly cgroupVersion: 1 | 2;
  /** Whether the containers of a tenant can be put into a cgroup of theirs. */
  readonly hasTenantCgroups: boolean;
  readonly storageDriver: string;
  readonly logDriver: string;
  readonly isRootless: boolean;
  readonly hasUserNamespaces: boolean;
  readonly hasSeccomp: boolean;
  readonly hasLiveRestore: boolean;
  /** Which limits the kernel keeps. */
  readonly limits: { readonly memory: boolean; readonly swap: boolean; readonly cpu: boolean; readonly pids: boolean };
  readonly defaultRuntime: string;
  /** Name → its program's arguments. */
  readonly runtimes: Readonly<Record<string, readonly string[]>>;
  readonly gvisorRuntimes: readonly string[];
  /** References of the images that it lacks. */
  readonly missingImages: readonly string[];
  /** How far its clock is from ours, in milliseconds. */
  readonly clockSkewMs: number;
  /** Of its disk; undefined when it is not this machine's. */
  readonly freeBytes: number | undefined;
}

/** What the server is configured to do with it. */
export interface Wishes {
  /** The runtimes that it may use; none named is the engine's default. */
  readonly runtimes: readonly string[];
  readonly leastFreeBytes: number;
}
