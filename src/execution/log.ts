/** The part of a pino logger that use-cases need: what happened, and a sentence. No code, environment or output of a tenant goes into it. */
export interface Log {
  info(details: object, message: string): void;
  warn(details: object, message: string): void;
  error(details: object, message: string): void;
}
