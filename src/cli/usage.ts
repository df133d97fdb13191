/** The words of a command are off; its message says how they should be. */
export class UsageError extends Error {}
