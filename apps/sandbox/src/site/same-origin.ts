/**
 * Protection against forms that another site makes a browser send. Browsers state where a form comes from in Sec-Fetch-Site
 * (Fetch Metadata), older ones in Origin (RFC 6454). A client that sends neither is no browser and cannot be abused this way.
 */
import type { FastifyRequest } from 'fastify';

/** False for a form of another site. */
export function isOwnForm({ headers }: FastifyRequest): boolean {
  const site = headers['sec-fetch-site'];
  if (site !== undefined) return site === 'same-origin' || site === 'none';
  const { origin, host } = headers;
  return origin === undefined || (URL.canParse(origin) && new URL(origin).host === host);
}
