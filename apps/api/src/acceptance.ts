/** Accepts the mails of an HTTP request: its Idempotency-Key, its trace, and the headers of the answer. */
import { type KeyRate, ratePeriods } from '@posthouse/access';
import { canonicalJson, IssueList, idempotencyKeyRule, isIdempotencyKey } from '@posthouse/contract';
import {
  type Acceptance,
  AcceptanceRefused,
  type AcceptanceRequest,
  type Accepted,
  acceptMail,
  acceptMails,
  type IdempotencyKey,
  type MailQueue,
  type NewMail,
  type RateUse,
} from '@posthouse/queue';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { malformedPart, Problem } from './problem.ts';

/**
 * @param mails how many the request has
 * @param validateMails see `acceptMails`
 * @param toBody builds the body of the response
 * @throws Problem 429 when the mails are more than the rate of the API key allows now, 409 while the first request is in progress, 422 for the same key with another body
 */
export async function acceptBatch<T extends object>(
  queue: MailQueue,
  request: FastifyRequest,
  reply: FastifyReply,
  mails: number,
  validateMails: (now: number) => Promise<NewMail[]>,
  toBody: (acceptances: Acceptance[]) => T,
): Promise<T> {
  const traced = async (now: number) => (await validateMails(now)).map((mail) => withTrace(request, mail));
  return await answered(request, reply, mails, () => acceptMails(queue, requestOf(request), traced, toBody));
}

/** Accepts a single mail. @throws Problem as `acceptBatch` does */
export async function acceptSingle(
  queue: MailQueue,
  request: FastifyRequest,
  reply: FastifyReply,
  validateMail: (now: number) => NewMail,
): Promise<Acceptance> {
  const traced = (now: number) => withTrace(request, validateMail(now));
  return await answered(request, reply, 1, () => acceptMail(queue, requestOf(request), traced));
}

async function answered<T>(request: FastifyRequest, reply: FastifyReply, mails: number, accept: () => Promise<Accepted<T>>): Promise<T> {
  const allowed = request.apiKey.rights.rate;
  try {
    const { answer, isReplay, rate } = await accept();
    if (isReplay) reply.header('idempotent-replayed', 'true');
    if (rate !== undefined) writeRateHeaders(reply, allowed, rate);
    return answer;
  } catch (error) {
    if (!(error instanceof AcceptanceRefused)) throw error;
    if (error.rate !== undefined) throw rateLimited(reply, allowed, error.rate, mails);
    throw error.kind === 'mismatch'
      ? new Problem(
          'idempotency-key-mismatch',
          'This Idempotency-Key was used with a different request within the last 24 hours. Use a new key for a new mail.',
        )
      : new Problem(
          'request-in-progress',
          'The first request with this Idempotency-Key is still in progress. Repeat it after Retry-After.',
        );
  }
}

/** With the trace of the request, where its caller sent one. */
function withTrace({ trace: { stored } }: FastifyRequest, mail: NewMail): NewMail {
  return stored === undefined ? mail : { ...mail, trace: stored };
}

function requestOf(request: FastifyRequest): AcceptanceRequest {
  return { apiKey: request.apiKey, key: idempotencyKeyOf(request) };
}

function idempotencyKeyOf(request: FastifyRequest): IdempotencyKey | undefined {
  const key = request.headers['idempotency-key'];
  if (key === undefined) return undefined;
  if (typeof key === 'string' && isIdempotencyKey(key)) {
    return { apiKey: request.apiKey.name, key, request: `${request.url}\n${canonicalJson(request.body)}` };
  }
  const issue = { pointer: '/idempotency-key', message: `must have ${idempotencyKeyRule}`, code: 'wrong-format' } as const;
  throw malformedPart('headers', new IssueList([issue]));
}

/**
 * RateLimit-Policy and RateLimit (draft-ietf-httpapi-ratelimit-headers-10).
 * @param rate of the API key, which it has where mails were taken from it
 */
function writeRateHeaders(reply: FastifyReply, rate: KeyRate | undefined, { remaining, resetMs }: RateUse): void {
  if (rate === undefined) return;
  reply.header('ratelimit-policy', `"mails";q=${rate.mails};w=${ratePeriods[rate.per] / 1000}`);
  reply.header('ratelimit', `"mails";r=${remaining};t=${Math.ceil(resetMs / 1000)}`);
}

/** The problem of mails that the rate does not allow now. Nothing was taken from the rate. @param mails how many the request has */
function rateLimited(reply: FastifyReply, rate: KeyRate | undefined, use: RateUse, mails: number): Problem {
  writeRateHeaders(reply, rate, use);
  reply.header('retry-after', String(Math.ceil(use.waitMs / 1000)));
  const allowed = rate === undefined ? '' : ` of ${rate.mails} mails per ${rate.per}`;
  return new Problem(
    'rate-limited',
    `The rate${allowed} of this API key is used up. Nothing was accepted: send the request again (mails: ${mails}) after Retry-After.`,
  );
}
