/** The headers about the rate of an API key: Retry-After (RFC 9110), and RateLimit-Policy and RateLimit (draft-ietf-httpapi-ratelimit-headers-10). */
import { type KeyRate, ratePeriods } from '@posthouse/access';
import type { RateUse } from '@posthouse/queue';
import type { FastifyReply } from 'fastify';
import { Problem } from './problem.ts';

/** @param rate of the API key, which it has where mails were taken from it */
export function writeRateHeaders(reply: FastifyReply, rate: KeyRate | undefined, { remaining, resetMs }: RateUse): void {
  if (rate === undefined) return;
  reply.header('ratelimit-policy', `"mails";q=${rate.mails};w=${ratePeriods[rate.per] / 1000}`);
  reply.header('ratelimit', `"mails";r=${remaining};t=${Math.ceil(resetMs / 1000)}`);
}

/** The problem of mails that the rate does not allow now. Nothing was taken from the rate. @param mails how many the request has */
export function rateLimited(reply: FastifyReply, rate: KeyRate | undefined, use: RateUse, mails: number): Problem {
  writeRateHeaders(reply, rate, use);
  reply.header('retry-after', String(Math.ceil(use.waitMs / 1000)));
  const allowed = rate === undefined ? '' : ` of ${rate.mails} mails per ${rate.per}`;
  return new Problem(
    'rate-limited',
    `The rate${allowed} of this API key is used up: ${mails} more are possible after Retry-After. Nothing was accepted.`,
  );
}
