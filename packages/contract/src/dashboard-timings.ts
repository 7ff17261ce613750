import type { Backoff } from './backoff.ts';
import type { OidcTimings } from './oidc-timings.ts';

/** What the dashboard and its users wait for; in ms. */
export interface DashboardTimings {
  /** How often the page of a mail reads its record while it is open. */
  readonly mailPoll: number;
  /** After this time an unchanged mail is sent to its page again, because its relative times have changed. */
  readonly mailRefresh: number;
  /** How often the overview and the page of the queue are read and sent again; all users share one reading of the overview. */
  readonly statusPoll: number;
  /** How often the settings of Redis are read that may lose mail. */
  readonly riskPoll: number;
  /** How often the page of a bulk action is sent again. */
  readonly bulkPoll: number;
  /** How long the failures of a sign-in are counted, from the first one. */
  readonly signInWindow: number;
  /** The wait before a password is checked, after several failures with the same name. */
  readonly signInSlowdown: Backoff;
  /** How often at most it is stored that a session is in use. */
  readonly sessionUse: number;
  readonly oidc: OidcTimings;
  /** How long the browser keeps the message that the next page shows after an action. */
  readonly flash: number;
  /** How long an export waits for a client that takes nothing of it. */
  readonly exportStall: number;
  /** How long the names that a filter offers are kept before they are read again. */
  readonly filterChoices: number;
  /** How long the browser keeps the language that its user chose. */
  readonly language: number;
}
