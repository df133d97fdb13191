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
/** JavaScript's last date, which the clock of a file can be set beyond. */
const LATEST_MS = 8.64e15;

/**
 * What find prints of each entry: name, size, time in seconds, mode in octal and kind, each ended by NUL; one more NUL ends it. Rejects when that has not
 * come. What follows is not waited for.
 */
export async function readEntries(pieces: AsyncIterable<Uint8Array>): Promise<DirectoryEntry[]> {
  const all: Uint8Array[] = [];
  let end = Buffer.alloc(1);
  for await (const piece of pieces) {
    all.push(piece);
    end = Buffer.concat([end, piece]).subarray(-2);
    if (end.equals(Buffer.alloc(2))) return parseEntries(Buffer.concat(all));
  }
  throw new Error('a directory could not be listed to its end');
}

function parseEntries(listed: Uint8Array): DirectoryEntry[] {
  const fields = Buffer.from(listed).toString().split('\0');
  const entries: DirectoryEntry[] = [];
  for (let at = 0; at + FIELDS <= fields.length; at += FIELDS) {
    const [name = '', size, time, mode = '', kind] = fields.slice(at, at + FIELDS);
    const modifiedAt = Math.min(Math.floor(Number(time) * 1000), LATEST_MS);
    entries.push({ name, size: Number(size), modifiedAt, mode: Number.parseInt(mode, 8), isDirectory: kind === 'd' });
  }
  return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** As `ls` writes them, without the kind: `rw-r--r--`. */
export function permissionsOf(mode: number): string {
  return [...'rwxrwxrwx'].map((letter, place) => (mode & (0o400 >> place) ? letter : '-')).join('');
}
