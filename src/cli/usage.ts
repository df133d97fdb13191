/** The words of a command are off; its message says how they should be. */
export class UsageError extends Error {}

export const USAGE = `coracle: runs untrusted code in the background, each process in its own short-lived container

  coracle serve [--hello]                               start the server; --hello prints a token and a call to try
  coracle token --tenant NAME [--sandbox NAME] [--ttl 24h]   print a token

Settings come from the environment (CORACLE_PORT, CORACLE_DATA_DIR, …): README lists them.
Exit codes: 0 done, 1 failed, 2 wrong words.

Examples:
  coracle serve --hello
  coracle token --tenant acme --ttl 7d
`;
