import { basename } from 'node:path';

export interface CopyPlace {
  readonly isRemote: boolean;
  readonly path: string;
}

export function parsePlace(word: string): CopyPlace {
  return word.startsWith(':') ? { isRemote: true, path: word.slice(1) || '.' } : { isRemote: false, path: word };
}

/** Where a copy goes whose target is a folder, or is not. */
export function targetPath(from: string, to: string, isFolder: boolean): string {
  if (!isFolder && !to.endsWith('/')) return to;
  return `${to.replace(/\/+$/, '') || '/'}/${basename(from)}`.replace(/^\/\//, '/');
}

/** Names come from programs that nobody trusts: none may lead out of the folder that it is copied to. */
export function isPlainName(name: string): boolean {
  return name !== '' && name !== '.' && name !== '..' && !/[/\\\0]/.test(name);
}
