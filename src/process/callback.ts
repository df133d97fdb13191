/** Where a process's end is to be told, as the caller asked for it. */
export interface Callback {
  /** Of http or https, without credentials. */
  readonly url: string;
  /** Sent along with it. */
  readonly headers: Readonly<Record<string, string>>;
  /** Key of the signature; null for none. */
  readonly secret: string | null;
}
