/**
 * Checked mails become accepted mails. Under an Idempotency-Key the same request twice is one acceptance: the key is
 * claimed with the mails' ids first, and answered in the transaction that accepts them.
 */
import { createHash } from 'node:crypto';
import { limits } from '@posthouse/contract';
import { type MailQueue, type NewMail, newMailId, newRecord } from '@posthouse/queue';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Problem } from './problem.ts';

/** What the caller is told of one mail. */
export interface Acceptance {
  id: string;
  state: string;
  locale?: string;
}

/**
 * @param answerOf turns the acceptances into the body of the answer
 * @throws Problem 409 while the first request is in progress, 422 for the same key with another body
 */
export async function acceptMails<T extends object>(
  queue: MailQueue,
  mails: readonly NewMail[],
  request: FastifyRequest,
  reply: FastifyReply,
  answerOf: (acceptances: Acceptance[]) => T,
): Promise<T> {
  const { apiKey } = request;
  const idempotencyKey = keyOf(request);
  let ids = mails.map(() => newMailId());
  if (idempotencyKey !== undefined) {
    const bodyHash = createHash('sha256')
      .update(`${request.url}\n${JSON.stringify(request.body)}`)
      .digest('hex');
    const claim = await queue.claim(apiKey, idempotencyKey, bodyHash, ids);
    if (claim.fate === 'busy')
      throw new Problem('conflict', 'The first request with this Idempotency-Key is in progress. Try again in a few seconds.');
    if (claim.fate === 'mismatch') {
      throw new Problem(
        'unprocessable',
        'This Idempotency-Key was used with another request within the last 24 hours. Use a new one for a new mail.',
      );
    }
    if (claim.fate === 'replay') {
      reply.header('idempotent-replayed', 'true');
      return JSON.parse(claim.answer);
    }
    ids = claim.ids;
  }
  const now = Date.now();
  const records = mails.map((mail, index) => newRecord(ids[index] as string, mail, now));
  const answer = answerOf(records.map(({ id, state, locale }) => ({ id, state, ...(locale !== undefined && { locale }) })));
  await queue.accept(records, idempotencyKey === undefined ? undefined : { apiKey, idempotencyKey, answer: JSON.stringify(answer) });
  return answer;
}

function keyOf(request: FastifyRequest): string | undefined {
  const key = request.headers['idempotency-key'];
  if (key === undefined) return undefined;
  if (typeof key === 'string' && key !== '' && key.length <= limits.idempotencyKeyLength && /^[\x21-\x7e]+$/.test(key)) return key;
  throw new Problem('malformed', `An Idempotency-Key has 1 to ${limits.idempotencyKeyLength} printable characters, such as signup:42.`);
}
