import type { FastifyRequest } from 'fastify';

/** A name or IPv4 address, or an IPv6 address in brackets, with or without a port. */
const HOST = /^(?:[\w.-]+|\[[\da-fA-F:]+\])(?::\d{1,5})?$/;

/** Where clients reach this server: as configured, or as whoever asks has reached it. */
export function publicHost({ protocol, host }: Pick<FastifyRequest, 'protocol' | 'host'>, publicUrl: string | undefined): string {
  if (publicUrl !== undefined) return publicUrl;
  return `${protocol}://${HOST.test(host) ? host : '127.0.0.1'}`;
}
