export interface DirectoryEntry {
  readonly name: string;
  /** In bytes. */
  readonly size: number;
  /** Milliseconds since 1970. */
  readonly modifiedAt: number;
  /** Permission bits. */
  readonly mode: number;
  readonly isDirectory: boolean;
}

const FIELDS = 5;

/** What the program `files` lists: name, size, time in seconds, mode and kind, each ended by NUL. */
export function parseEntries(listed: Uint8Array): DirectoryEntry[] {
  const fields = Buffer.from(listed).toString().split('\0');
  const entries: DirectoryEntry[] = [];
  for (let at = 0; at + FIELDS <= fields.length; at += FIELDS) {
    const [name = '', size, time, mode, kind] = fields.slice(at, at + FIELDS);
    entries.push({ name, size: Number(size), modifiedAt: Number(time) * 1000, mode: Number(mode), isDirectory: kind === 'd' });
  }
  return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** As `ls` writes them, without the kind: `rw-r--r--`. */
export function permissionsOf(mode: number): string {
  return [...'rwxrwxrwx'].map((letter, place) => (mode & (0o400 >> place) ? letter : '-')).join('');
}
