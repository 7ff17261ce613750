/**
 * What a reply means for a recipient.
 *
 * - ACCEPT: the server took responsibility (a 2yz to the final dot).
 * - RETRY: this recipient is to be tried again on the schedule; an attempt was used.
 * - DEFER: the provider's trouble, not the mail's; put back, no attempt used.
 * - OPEN: as DEFER, and nobody asks this provider again before a probe has found it well.
 * - FAIL: refused for good.
 * - UNKNOWN: the message went out and no reply came back; the server may have it. `onUncertain` decides.
 */
export type Verdict = 'ACCEPT' | 'RETRY' | 'DEFER' | 'OPEN' | 'FAIL' | 'UNKNOWN';

/** The outcome of one SMTP transaction for one recipient. */
export interface RecipientOutcome {
  address: string;
  verdict: Verdict;
  /** Why, free of addresses and stored in clear: a `Reason` such as `550 5.1.1`. A string, because a record may be older than this process. */
  reason: string;
  /** Reply code (RFC 5321 section 4.2), where there was a reply. */
  code?: number;
  /** Enhanced status code (RFC 3463), where the server gave one. */
  enhancedCode?: string;
  /** The reply as the server wrote it. It may hold an address, so it is sealed. */
  reply?: string;
  /** A wait in ms that overrides the schedule: named by the server, or by the row of the verdict table. */
  waitMs?: number;
}
