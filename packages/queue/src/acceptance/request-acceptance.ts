/**
 * Accepts the mails of a request, once for each idempotency key: the key is claimed together with the mails' ids, and completed with the
 * answer when all mails are accepted. After a failure in between, a repeated request continues with the same ids.
 */
import type { ApiKey } from '@posthouse/access';
import type { MailRecord } from '@posthouse/contract';
import { type NewMail, newMailId, newRecord } from '../record/new-record.ts';
import { QueueUnavailable } from '../redis/queue-unavailable.ts';
import type { Claim } from './idempotency.ts';
import type { RateUse } from './key-rate.ts';
import type { IdempotencyKey, MailQueue } from './mail-queue.ts';

/** The answer about one mail. */
export interface Acceptance {
  id: string;
  state: string;
  locale?: string;
}

/** A request to accept mails: whose it is, and its idempotency key. */
export interface AcceptanceRequest {
  apiKey: ApiKey;
  key: IdempotencyKey | undefined;
}

/** The answer to a request whose mails are accepted. */
export interface Accepted<T> {
  answer: T;
  /** It is the answer to an earlier request with the same idempotency key: nothing was accepted now. */
  isReplay: boolean;
  /** What is left of the rate of the API key; absent where it has none. */
  rate?: RateUse;
}

/**
 * Why nothing was accepted of a valid request.
 *
 * - `limited`: its mails are more than the rate of the API key allows now.
 * - `busy`: the first request with its idempotency key is in progress.
 * - `mismatch`: its idempotency key was used with another request.
 */
export class AcceptanceRefused extends Error {
  override readonly name = 'AcceptanceRefused';
  readonly kind: 'limited' | 'busy' | 'mismatch';
  /** With `limited`. Nothing was taken from the rate. */
  readonly rate: RateUse | undefined;

  constructor(kind: AcceptanceRefused['kind'], rate?: RateUse) {
    super(kind);
    this.kind = kind;
    this.rate = rate;
  }
}

/**
 * @param validateMails validates the mails, at a time in ms since the epoch; not called for a repeated request, whose mails may have become invalid since
 * @param toAnswer builds the answer, which is stored as JSON
 * @throws AcceptanceRefused, QueueUnavailable, or what `validateMails` throws
 */
export async function acceptMails<T extends object>(
  queue: MailQueue,
  { apiKey: { name, rights }, key }: AcceptanceRequest,
  validateMails: (now: number) => Promise<NewMail[]>,
  toAnswer: (acceptances: Acceptance[]) => T,
): Promise<Accepted<T>> {
  const known = key && (await queue.findClaim(key));
  const replayed = replayOf<T>(known);
  if (replayed !== undefined) return replayed;
  if (key !== undefined && known?.status === 'claimed') {
    // The outcome of the first request is not known. If it was accepted, its mails may not be valid any more, and need not be.
    const acceptances = await acceptedBefore(queue, known.ids);
    if (acceptances !== undefined) {
      await queue.finishAcceptance(known.ids);
      const answer = toAnswer(acceptances);
      await queue.completeClaim(key, JSON.stringify(answer));
      return { answer, isReplay: true };
    }
  }
  const now = await queue.now();
  const mails = await validateMails(now);
  let ids = mails.map(() => newMailId(now));
  let isRepeat = false;
  let rate: RateUse | undefined;
  if (key !== undefined) {
    const claim = await queue.claim(key, ids, rights.rate);
    if (claim.status === 'limited') throw new AcceptanceRefused('limited', claim.rate);
    const repeated = replayOf<T>(claim);
    if (repeated !== undefined) return repeated;
    if (claim.status === 'claimed') ({ ids, isRepeat, rate } = { rate: undefined, ...claim });
  } else if (rights.rate !== undefined) {
    rate = await queue.takeMails(name, rights.rate, mails.length);
    if (rate.waitMs > 0) throw new AcceptanceRefused('limited', rate);
  }
  const records = mails.map((mail, index) => newRecord(ids[index] as string, mail, now));
  const answer = toAnswer(records.map(acceptanceOf));
  try {
    await queue.accept(records, isRepeat);
  } catch (error) {
    // A repeated request may continue at once. The answer does not wait for this: otherwise the claim can be taken over a little later.
    if (key !== undefined) void queue.releaseClaim(key, ids).catch(() => undefined);
    throw error;
  }
  if (key !== undefined) await queue.completeClaim(key, JSON.stringify(answer));
  return { answer, isReplay: false, ...(rate !== undefined && { rate }) };
}

/**
 * Accepts a single mail. With an idempotency key, key and mail are stored together in one round trip; only where an earlier request with the
 * key has no answer, or the mail is invalid, it takes the steps of `acceptMails`.
 * @param validateMail may be called twice
 * @throws as `acceptMails` does
 */
export async function acceptMail(
  queue: MailQueue,
  request: AcceptanceRequest,
  validateMail: (now: number) => NewMail,
): Promise<Accepted<Acceptance>> {
  const { key } = request;
  // Under a rate, what it does not allow is refused before anything is stored.
  if (request.apiKey.rights.rate === undefined) {
    const now = await queue.now();
    if (key === undefined) {
      const record = newRecord(newMailId(now), validateMail(now), now);
      await queue.accept([record]);
      return { answer: acceptanceOf(record), isReplay: false };
    }
    const mail = validOrUndefined(() => validateMail(now));
    const accepted = mail && (await acceptOnce(queue, key, newRecord(newMailId(now), mail, now)));
    if (accepted !== undefined) return accepted;
  }
  return await acceptMails(
    queue,
    request,
    async (now) => [validateMail(now)],
    ([acceptance]) => acceptance as Acceptance,
  );
}

/** @returns undefined when an earlier request with the key has no answer: then nothing was accepted */
async function acceptOnce(queue: MailQueue, key: IdempotencyKey, record: MailRecord): Promise<Accepted<Acceptance> | undefined> {
  const answer = acceptanceOf(record);
  try {
    const claim = await queue.acceptOnce(record, key, JSON.stringify(answer));
    if (claim.status !== 'claimed') return replayOf<Acceptance>(claim);
    return claim.isRepeat ? undefined : { answer, isReplay: false };
  } catch (error) {
    if (error instanceof QueueUnavailable) void queue.releaseClaim(key, [record.id]).catch(() => undefined);
    throw error;
  }
}

/** @returns undefined for an invalid mail: if an earlier request with its key was accepted, that has an answer all the same */
function validOrUndefined(validate: () => NewMail): NewMail | undefined {
  try {
    return validate();
  } catch {
    // `acceptMails` validates it again, and throws this.
    return undefined;
  }
}

/**
 * The answer to the first request with a key.
 * @returns undefined where there is none
 * @throws AcceptanceRefused `mismatch` or `busy`
 */
function replayOf<T>(claim: Claim | undefined): Accepted<T> | undefined {
  if (claim?.status === 'mismatch' || claim?.status === 'busy') throw new AcceptanceRefused(claim.status);
  return claim?.status === 'replay' ? { answer: JSON.parse(claim.answer), isReplay: true } : undefined;
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
