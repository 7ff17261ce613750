/** What happened to a mail before. */
export interface MailHistory {
  /** How often it was put back without using an attempt. */
  deferralCount: number;
  /** When it was last tried, ms since the epoch; absent for a mail that was not. */
  lastTriedAt?: number;
  /** The mail's id, and what it has in common with others of its kind: its template, or the subject that its caller wrote. Absent outside a worker. */
  mail?: { id: string; group: string };
  /** The deferral before, if there was one: why, and when (ms since the epoch). */
  deferred?: { reason: string; at: number };
}

/** The history of a mail that was not tried before. */
export const firstTry: MailHistory = { deferralCount: 0 };
