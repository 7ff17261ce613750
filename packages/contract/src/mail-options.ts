/** Checks of a mail's options that a schema cannot express: when it is sent, and its idempotency key. */
import { IssueList } from './issue-list.ts';
import { limits } from './limits.ts';
import type { Mail } from './mail-schema.ts';

/** When a mail may first be sent, and until when; ms since the epoch. */
export interface MailTimes {
  scheduledAt: number | undefined;
  expiresAt: number | undefined;
}

// RFC 3339 has leap seconds, JavaScript's Date does not.
const notATime = 'is not a time; leap seconds are not supported';

/** What an idempotency key must be, to complete "must have …". */
export const idempotencyKeyRule = `1 to ${limits.idempotencyKeyLength} printable ASCII characters without spaces, such as signup:42`;

/** Whether a text can be an idempotency key. */
export function isIdempotencyKey(text: string): boolean {
  return text.length <= limits.idempotencyKeyLength && /^[\x21-\x7e]+$/.test(text);
}

/** What is wrong with `scheduledAt`. @param at ms since the epoch, or NaN @param now ms since the epoch */
export function scheduleIssues(at: number, now: number): IssueList {
  const issues = new IssueList();
  if (Number.isNaN(at)) issues.add('/scheduledAt', notATime, 'wrong-format');
  if (at - now > limits.scheduleAheadMs) issues.add('/scheduledAt', 'must be at most a year ahead', 'out-of-range');
  return issues;
}

/**
 * Reads the times of a mail that match its schema, and adds what is wrong with them.
 * @param expiresInMs how long after it is due a mail of its template expires; undefined for the default
 * @param now ms since the epoch
 */
export function readTimes(
  mail: Pick<Mail, 'scheduledAt' | 'expiresAt'>,
  expiresInMs: number | undefined,
  now: number,
  issues: IssueList,
): MailTimes {
  const scheduledAt = mail.scheduledAt === undefined ? undefined : Date.parse(mail.scheduledAt);
  const expiresAt = mail.expiresAt === undefined ? undefined : Date.parse(mail.expiresAt);
  if (scheduledAt !== undefined) issues.addAll(scheduleIssues(scheduledAt, now));
  if (Number.isNaN(expiresAt)) issues.add('/expiresAt', notATime, 'wrong-format');
  if (expiresAt !== undefined && expiresAt <= Math.max(now, scheduledAt ?? now)) {
    issues.add('/expiresAt', 'must be after the time at which the mail is due', 'out-of-range');
  }
  const fromTemplate = expiresInMs === undefined ? undefined : Math.max(now, scheduledAt ?? now) + expiresInMs;
  return { scheduledAt, expiresAt: expiresAt ?? fromTemplate };
}
