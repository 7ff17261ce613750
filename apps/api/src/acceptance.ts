/**
 * Accepts mails, once for each Idempotency-Key: the key is claimed together with the mails' ids, and completed with the response when all
 * mails are accepted. After a failure in between, a repeated request continues with the same ids.
 */
import { type KeyRate, ratePeriods } from '@posthouse/access';
import { canonicalJson, IssueList, limits, type MailRecord } from '@posthouse/contract';
import {
  type Claim,
  type IdempotencyKey,
  type MailQueue,
  type NewMail,
  newMailId,
  newRecord,
  QueueUnavailable,
  type RateUse,
} from '@posthouse/queue';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { malformedPart, Problem } from './problem.ts';

/** The response about one mail. */
export interface Acceptance {
  id: string;
  state: string;
  locale?: string;
}

/**
 * @param validateMails validates the mails, at a time in ms since the epoch; not called for a repeated request, whose mails may have become invalid since
 * @param toBody builds the body of the response
 * @throws Problem 429 when the mails are more than the rate of the API key allows now, 409 while the first request is in progress, 422 for the same key with another body
 */
export async function acceptMails<T extends object>(
  queue: MailQueue,
  request: FastifyRequest,
  reply: FastifyReply,
  validateMails: (now: number) => Promise<NewMail[]>,
  toBody: (acceptances: Acceptance[]) => T,
): Promise<T> {
  const { name, rights } = request.apiKey;
  const key = idempotencyKeyOf(request);
  const replay = (claim: Claim | undefined) => replayOf<T>(claim, reply);
  const known = key && (await queue.findClaim(key));
  const replayed = replay(known);
  if (replayed !== undefined) return replayed;
  if (key !== undefined && known?.status === 'claimed') {
    // The outcome of the first request is not known. If it was accepted, its mails may not be valid any more, and need not be.
    const acceptances = await acceptedBefore(queue, known.ids);
    if (acceptances !== undefined) {
      await queue.finishAcceptance(known.ids);
      const answer = toBody(acceptances);
      reply.header('idempotent-replayed', 'true');
      await queue.completeClaim(key, JSON.stringify(answer));
      return answer;
    }
  }
  const now = await queue.now();
  const mails = await validateMails(now);
  let ids = mails.map(() => newMailId(now));
  let isRepeat = false;
  if (key !== undefined) {
    const claim = await queue.claim(key, ids, rights.rate);
    if (claim.status === 'limited') throw rateLimited(reply, rights.rate, claim.rate, mails.length);
    const repeated = replay(claim);
    if (repeated !== undefined) return repeated;
    if (claim.status === 'claimed') {
      ({ ids, isRepeat } = claim);
      if (claim.rate !== undefined) writeRateHeaders(reply, rights.rate, claim.rate);
    }
  } else if (rights.rate !== undefined) {
    const use = await queue.takeMails(name, rights.rate, mails.length);
    if (use.waitMs > 0) throw rateLimited(reply, rights.rate, use, mails.length);
    writeRateHeaders(reply, rights.rate, use);
  }
  const records = mails.map((mail, index) => recordOf(request, ids[index] as string, mail, now));
  const answer = toBody(records.map(acceptanceOf));
  try {
    await queue.accept(records, isRepeat);
  } catch (error) {
    // A repeated request may continue at once. The answer does not wait for this: otherwise the claim can be taken over a little later.
    if (key !== undefined) void queue.releaseClaim(key, ids).catch(() => undefined);
    throw error;
  }
  if (key !== undefined) await queue.completeClaim(key, JSON.stringify(answer));
  return answer;
}

/**
 * Accepts a single mail. With an Idempotency-Key, key and mail are stored together in one round trip; only where an earlier request with the
 * key has no answer, or the mail is invalid, it takes the steps of `acceptMails`.
 * @throws Problem as `acceptMails` does
 */
export async function acceptMail(
  queue: MailQueue,
  request: FastifyRequest,
  reply: FastifyReply,
  validateMail: (now: number) => NewMail,
): Promise<Acceptance> {
  const key = idempotencyKeyOf(request);
  // Under a rate, what it does not allow is refused before anything is stored.
  if (request.apiKey.rights.rate === undefined) {
    const now = await queue.now();
    if (key === undefined) {
      const record = recordOf(request, newMailId(now), validateMail(now), now);
      await queue.accept([record]);
      return acceptanceOf(record);
    }
    const mail = validOrUndefined(() => validateMail(now));
    const answer = mail && (await acceptOnce(queue, reply, key, recordOf(request, newMailId(now), mail, now)));
    if (answer !== undefined) return answer;
  }
  return await acceptMails(
    queue,
    request,
    reply,
    async (now) => [validateMail(now)],
    ([acceptance]) => acceptance as Acceptance,
  );
}

/** @returns undefined when an earlier request with the key has no answer: then nothing was accepted */
async function acceptOnce(queue: MailQueue, reply: FastifyReply, key: IdempotencyKey, record: MailRecord): Promise<Acceptance | undefined> {
  const answer = acceptanceOf(record);
  try {
    const claim = await queue.acceptOnce(record, key, JSON.stringify(answer));
    if (claim.status !== 'claimed') return replayOf<Acceptance>(claim, reply);
    return claim.isRepeat ? undefined : answer;
  } catch (error) {
    if (error instanceof QueueUnavailable) void queue.releaseClaim(key, [record.id]).catch(() => undefined);
    throw error;
  }
}

/** @returns undefined for an invalid mail: if an earlier request with its key was accepted, that has an answer all the same */
function validOrUndefined(validate: () => NewMail): NewMail | undefined {
  try {
    return validate();
  } catch (error) {
    if (error instanceof Problem) return undefined;
    throw error;
  }
}

/**
 * The answer to the first request with a key.
 * @returns undefined where there is none
 * @throws Problem 409 or 422
 */
function replayOf<T>(claim: Claim | undefined, reply: FastifyReply): T | undefined {
  if (claim?.status === 'mismatch') {
    throw new Problem(
      'idempotency-key-mismatch',
      'This Idempotency-Key was used with a different request within the last 24 hours. Use a new key for a new mail.',
    );
  }
  if (claim?.status === 'busy') {
    throw new Problem(
      'request-in-progress',
      'The first request with this Idempotency-Key is still in progress. Repeat it after Retry-After.',
    );
  }
  if (claim?.status !== 'replay') return undefined;
  reply.header('idempotent-replayed', 'true');
  return JSON.parse(claim.answer);
}

/** With the trace of the request, where its caller sent one. */
function recordOf({ trace: { stored } }: FastifyRequest, id: string, mail: NewMail, now: number): MailRecord {
  return newRecord(id, stored === undefined ? mail : { ...mail, trace: stored }, now);
}

function acceptanceOf({ id, state, locale }: MailRecord): Acceptance {
  return { id, state, ...(locale !== undefined && { locale }) };
}

/** The acceptances of an earlier request, whose answer was lost; undefined when it was not accepted. */
async function acceptedBefore(queue: MailQueue, ids: readonly string[]): Promise<Acceptance[] | undefined> {
  if ((await queue.read(ids[0] as string)) === undefined) return undefined;
  const records = await Promise.all(ids.map((id) => queue.read(id)));
  return ids.map((id, n) => {
    const { state = 'queued', locale } = records[n] ?? {};
    return { id, state, ...(locale !== undefined && { locale }) };
  });
}

function idempotencyKeyOf(request: FastifyRequest): IdempotencyKey | undefined {
  const key = request.headers['idempotency-key'];
  if (key === undefined) return undefined;
  if (typeof key === 'string' && key !== '' && key.length <= limits.idempotencyKeyLength && /^[\x21-\x7e]+$/.test(key)) {
    return { apiKey: request.apiKey.name, key, request: `${request.url}\n${canonicalJson(request.body)}` };
  }
  const message = `must have 1 to ${limits.idempotencyKeyLength} printable ASCII characters without spaces, such as signup:42`;
  throw malformedPart('headers', new IssueList([{ pointer: '/idempotency-key', message, code: 'wrong-format' }]));
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
