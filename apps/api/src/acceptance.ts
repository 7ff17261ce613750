/**
 * Mails become accepted mails. Under an Idempotency-Key the same request twice is one acceptance: the key is claimed
 * with the mails' ids first, and answered once all of them are accepted. What breaks off in between is taken up with
 * the same ids.
 */
import { limits } from '@posthouse/contract';
import { type Claim, type IdempotencyKey, type MailQueue, type NewMail, newMailId, newRecord } from '@posthouse/queue';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Problem } from './problem.ts';

/** What the caller is told of one mail. */
export interface Acceptance {
  id: string;
  state: string;
  locale?: string;
}

/**
 * @param mailsOf checks the mails; asked only where the request was not answered before, because what was right then may
 *   no longer be
 * @param answerOf turns the acceptances into the body of the answer
 * @throws Problem 409 while the first request is in progress, 422 for the same key with another body
 */
export async function acceptMails<T extends object>(
  queue: MailQueue,
  request: FastifyRequest,
  reply: FastifyReply,
  mailsOf: () => NewMail[],
  answerOf: (acceptances: Acceptance[]) => T,
): Promise<T> {
  const key = keyOf(request);
  const replay = (claim: Claim | undefined): T | undefined => {
    if (claim?.status === 'mismatch') {
      throw new Problem(
        'unprocessable',
        'This Idempotency-Key was used with another request within the last 24 hours. Use a new one for a new mail.',
      );
    }
    if (claim?.status === 'busy') {
      throw new Problem('inProgress', 'The first request with this Idempotency-Key is still in progress. Try again in a few seconds.');
    }
    if (claim?.status !== 'replay') return undefined;
    reply.header('idempotent-replayed', 'true');
    return JSON.parse(claim.answer);
  };

  const before = key && replay(await queue.answered(key));
  if (before !== undefined) return before;
  const mails = mailsOf();
  let ids = mails.map(() => newMailId());
  if (key !== undefined) {
    const claim = await queue.claim(key, ids);
    const meanwhile = replay(claim);
    if (meanwhile !== undefined) return meanwhile;
    if (claim.status === 'claimed') ids = claim.ids;
  }
  const now = Date.now();
  const records = mails.map((mail, index) => newRecord(ids[index] as string, mail, now));
  const answer = answerOf(records.map(({ id, state, locale }) => ({ id, state, ...(locale !== undefined && { locale }) })));
  try {
    await queue.accept(records);
  } catch (error) {
    // The next try may take it up at once. If Redis cannot be told that either, it waits for the claim to run out.
    if (key !== undefined) await queue.releaseClaim(key).catch(() => undefined);
    throw error;
  }
  if (key !== undefined) await queue.completeClaim(key, JSON.stringify(answer));
  return answer;
}

function keyOf(request: FastifyRequest): IdempotencyKey | undefined {
  const key = request.headers['idempotency-key'];
  if (key === undefined) return undefined;
  if (typeof key === 'string' && key !== '' && key.length <= limits.idempotencyKeyLength && /^[\x21-\x7e]+$/.test(key)) {
    return { apiKey: request.apiKey, key, request: `${request.url}\n${JSON.stringify(request.body)}` };
  }
  throw new Problem('malformed', `An Idempotency-Key has 1 to ${limits.idempotencyKeyLength} printable characters, such as signup:42.`);
}
