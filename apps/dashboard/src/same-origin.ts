/**
 * Whether a request that changes something comes from our own pages. Every browser says where a form was sent from: by
 * Sec-Fetch-Site (Fetch Metadata), and older ones by Origin (RFC 6454). Who says neither is refused.
 */
import type { FastifyRequest } from 'fastify';

/** False for what some other site had a browser send. */
export function isOwnForm({ headers, host }: FastifyRequest): boolean {
  const site = headers['sec-fetch-site'];
  if (site !== undefined) return site === 'same-origin';
  const { origin } = headers;
  return origin !== undefined && URL.canParse(origin) && new URL(origin).host === host;
}
