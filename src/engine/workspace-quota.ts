/** What bounds the files of new sandboxes: the engine's own quota, a filesystem of fixed size each, or that they are counted every other second. */
export type Quota = { readonly kind: 'hard'; readonly by: 'engine' | 'filesystem' } | { readonly kind: 'accounting'; readonly why: string };

/** `auto` is `hard` where it can be had. */
export type QuotaWish = 'auto' | 'hard' | 'accounting';
