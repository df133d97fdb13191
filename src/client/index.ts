// biome-ignore-all lint/performance/noBarrelFile: this is what `coracle/client` gives, and no file of ours imports it
export { type Client, createClient } from './client.ts';
export type { StdinOptions } from './control.ts';
export {
  ApiError,
  AuthenticationError,
  ConflictError,
  ConnectionError,
  ForbiddenError,
  InvalidRequestError,
  LimitError,
  NotFoundError,
  ServerError,
} from './errors.ts';
export type { FileDone, FileEntry, FileList, Files, FileWritten, WriteOptions } from './files.ts';
export type { EventsOptions, FollowOptions, OutputChunk, OutputOptions, ProcessEvent, ProcessState } from './following.ts';
export type { SubmitOptions } from './processes.ts';
export type { CallOptions, ClientOptions } from './transport.ts';
export type * from './types.ts';
