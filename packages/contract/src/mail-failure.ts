import type { Verdict } from './verdict.ts';

/**
 * A fault that decides a whole mail before any server saw it: data that does not fit, a template that
 * does not render, a record that cannot be opened.
 */
export class MailFailure extends Error {
  override readonly name = 'MailFailure';
  readonly verdict: Exclude<Verdict, 'ACCEPT'>;
  /** One word for logs, groups and the clear part of the record: `template-data`, `render`, `record`. */
  readonly reason: string;
  /** Overrides the schedule, in ms. */
  readonly waitMs: number | undefined;

  /**
   * @param verdict what to do with the mail
   * @param reason one word, free of addresses and content
   * @param message the whole story, for the sealed part of the record; it may quote the content
   */
  constructor(verdict: Exclude<Verdict, 'ACCEPT'>, reason: string, message: string, options?: { cause?: unknown; waitMs?: number }) {
    super(message, options?.cause === undefined ? undefined : { cause: options.cause });
    this.verdict = verdict;
    this.reason = reason;
    this.waitMs = options?.waitMs;
  }
}
