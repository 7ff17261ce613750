import type { Verdict } from './delivery-attempt.ts';
import type { ReasonCode } from './reasons.ts';

/**
 * A failure that decides a whole mail before any server saw it: data that does not match the schema, a template that cannot be rendered,
 * a message that cannot be composed.
 */
export class MailFailure extends Error {
  override readonly name = 'MailFailure';
  readonly verdict: Exclude<Verdict, 'ACCEPT'>;
  readonly reason: ReasonCode;
  /** ms; overrides the schedule. */
  readonly waitMs: number | undefined;

  /**
   * @param verdict what to do with the mail
   * @param reason for logs, failure groups and the part of the record that is stored in clear
   * @param message in full, for the sealed part of the record; it may quote the content
   */
  constructor(verdict: Exclude<Verdict, 'ACCEPT'>, reason: ReasonCode, message: string, options?: { cause?: unknown; waitMs?: number }) {
    super(message, options?.cause === undefined ? undefined : { cause: options.cause });
    this.verdict = verdict;
    this.reason = reason;
    this.waitMs = options?.waitMs;
  }
}
