import type { ReasonCode } from './reasons.ts';
import type { Verdict } from './verdict.ts';

/**
 * A fault that decides a whole mail before any server saw it: data that does not fit, a template that
 * does not render, a record that cannot be opened.
 */
export class MailFailure extends Error {
  override readonly name = 'MailFailure';
  readonly verdict: Exclude<Verdict, 'ACCEPT'>;
  /** For logs, failure groups and the part of the record that is stored in clear. */
  readonly reason: ReasonCode;
  /** Overrides the schedule, in ms. */
  readonly waitMs: number | undefined;

  /**
   * @param verdict what to do with the mail
   * @param reason a code of the table in reasons.ts
   * @param message in full, for the sealed part of the record; it may quote the content
   */
  constructor(verdict: Exclude<Verdict, 'ACCEPT'>, reason: ReasonCode, message: string, options?: { cause?: unknown; waitMs?: number }) {
    super(message, options?.cause === undefined ? undefined : { cause: options.cause });
    this.verdict = verdict;
    this.reason = reason;
    this.waitMs = options?.waitMs;
  }
}
