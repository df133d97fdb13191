/** What one container may use. */
export interface ContainerLimits {
  /** Memory and swap together, in bytes. */
  readonly memoryBytes: number;
  /** CPUs, fractions allowed; the engine adapter lowers it to what the machine has. */
  readonly cpus: number;
  /** Processes and threads at once. */
  readonly pids: number;
  /** Size of the container's own `/tmp`, in bytes of its memory. */
  readonly tmpBytes: number;
}
