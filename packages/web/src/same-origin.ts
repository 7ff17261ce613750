/**
 * Protection against cross-site request forgery: whether a request was sent by one of our own pages. A browser says where a request
 * comes from in Sec-Fetch-Site (Fetch Metadata) or, an older one, in Origin (RFC 6454). A request with neither header is rejected,
 * and so is `Sec-Fetch-Site: none`: no browser sends a form that way.
 */
import type { FastifyRequest } from 'fastify';

/** @returns false for a request that another site made a browser send, and for one whose origin is unknown */
export function isSameOrigin({ headers, host }: Pick<FastifyRequest, 'headers' | 'host'>): boolean {
  const site = headers['sec-fetch-site'];
  if (site !== undefined) return site === 'same-origin';
  const { origin } = headers;
  return origin !== undefined && URL.canParse(origin) && new URL(origin).host === host;
}
