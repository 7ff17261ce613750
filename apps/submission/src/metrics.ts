/** What a process counts of the mails that are submitted to it. */
import { type Counter, type Histogram, Metrics } from '@posthouse/runtime';

/** The metrics of one process. */
export class SubmissionMetrics {
  readonly all: Metrics;
  readonly #accepted: Counter<'template'>;
  readonly #messages: Counter<'code'>;
  readonly #logins: Counter<'result'>;
  readonly #duration: Histogram;

  /** @param version of the app */
  constructor(version: string) {
    this.all = new Metrics('submission', version);
    this.#accepted = this.all.counter('posthouse_mails_accepted_total', 'Mails that were stored.', ['template']);
    this.#messages = this.all.counter('posthouse_submission_messages_total', 'Messages that were answered.', ['code']);
    this.#logins = this.all.counter('posthouse_submission_logins_total', 'Logins, by whether the API key was right.', ['result']);
    this.#duration = this.all.durations('posthouse_submission_duration_seconds', 'From the end of a message to the reply.');
  }

  /** A mail was stored. */
  accepted(): void {
    this.#accepted.inc({ template: 'literal' });
  }

  /** @param code of the reply */
  answered(code: number): void {
    this.#messages.inc({ code });
  }

  loggedIn(result: 'accepted' | 'refused'): void {
    this.#logins.inc({ result });
  }

  /** @param ms from the end of a message to the reply */
  lasted(ms: number): void {
    this.#duration.observe(ms / 1000);
  }
}
