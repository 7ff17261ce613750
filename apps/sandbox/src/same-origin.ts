/**
 * Whether a request that changes something comes from our own pages. Every browser says where a form was sent from: by
 * Sec-Fetch-Site (Fetch Metadata), and older ones by Origin (RFC 6454). Who says neither is no browser, and cannot be tricked.
 */
import type { FastifyRequest } from 'fastify';

/** False for a form that some other site had a browser send. */
export function isOwnForm({ headers }: FastifyRequest): boolean {
  const site = headers['sec-fetch-site'];
  if (site !== undefined) return site === 'same-origin' || site === 'none';
  const { origin, host } = headers;
  return origin === undefined || (URL.canParse(origin) && new URL(origin).host === host);
}
