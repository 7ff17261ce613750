/** What a worker counts of the mails that it sends. A label has few values, whatever a relay replies: see `reasonLabel`. */
import { type DeliveryAttempt, isFinal, type MailState, type Priority, reasons, type SmtpPhase } from '@posthouse/contract';
import { type Counter, type Histogram, Metrics } from '@posthouse/runtime';
import type { Decision } from './retry-policy.ts';

/** The reason codes that stand for all codes that begin so, without the `*`. */
const families = Object.keys(reasons).flatMap((code) => (code.endsWith('*') ? [code.slice(0, -1)] : []));

/** The metrics of one worker. */
export class WorkerMetrics {
  readonly all: Metrics;
  readonly #templates: () => ReadonlyMap<string, unknown>;
  readonly #attempts: Counter<'provider' | 'verdict'>;
  readonly #recipients: Counter<'provider' | 'verdict'>;
  readonly #deferrals: Counter<'reason'>;
  readonly #ended: Counter<'state' | 'template'>;
  readonly #wait: Histogram<'provider' | 'priority'>;
  readonly #steps: Histogram<'provider' | 'step'>;

  /** @param templates those of the set in use, by name; mails of others are counted as `other` */
  constructor(version: string, templates: () => ReadonlyMap<string, unknown>) {
    this.all = new Metrics('worker', version);
    this.#templates = templates;
    const byVerdict = ['provider', 'verdict'] as const;
    this.#attempts = this.all.counter(
      'posthouse_delivery_attempts_total',
      'Attempts that were counted, by the gravest verdict among the recipients.',
      byVerdict,
    );
    this.#recipients = this.all.counter('posthouse_recipients_total', 'Recipients of these attempts, by verdict.', byVerdict);
    this.#deferrals = this.all.counter('posthouse_deferrals_total', 'Mails that were put back without using an attempt.', ['reason']);
    this.#ended = this.all.counter('posthouse_mails_ended_total', 'Mails that this process ended.', ['state', 'template']);
    // A counter that begins with its first failures looks to Prometheus as if it had not increased, and no alert rings.
    this.all.beforeScrape(async () => {
      for (const template of [...templates().keys(), 'literal']) {
        for (const state of ['sent', 'failed', 'expired'] as const) this.#ended.inc({ state, template }, 0);
      }
    });
    this.#wait = this.all.durations('posthouse_due_to_relay_seconds', 'From when a mail was due until a relay accepted it.', [
      'provider',
      'priority',
    ]);
    this.#steps = this.all.durations('posthouse_smtp_step_seconds', 'How long each step of SMTP took.', ['provider', 'step']);
  }

  /** What was decided about a mail is stored. @param state in which the mail is now; absent where another run has it */
  decided(decision: Decision, { provider = 'none', outcomes }: DeliveryAttempt, template: string | undefined, state?: MailState): void {
    if (decision.kind === 'deferral') this.#deferrals.inc({ reason: reasonLabel(decision.reason) });
    if (decision.kind === 'attempt') {
      this.#attempts.inc({ provider, verdict: decision.result.attempt.verdict });
      for (const { verdict } of outcomes) this.#recipients.inc({ provider, verdict });
    }
    if (state !== undefined && isFinal(state)) this.ended(state, template);
  }

  /** A mail is final now. @param template undefined or '' for one without */
  ended(state: MailState, template = ''): void {
    const known = template === '' ? 'literal' : template;
    this.#ended.inc({ state, template: template === '' || this.#templates().has(template) ? known : 'other' });
  }

  /** A relay accepted a mail so many ms after it was due. */
  waited(provider: string, priority: Priority, ms: number): void {
    this.#wait.observe({ provider, priority }, Math.max(ms, 0) / 1000);
  }

  /** A step of SMTP has ended after so many ms. */
  lasted(provider: string, step: SmtpPhase, ms: number): void {
    this.#steps.observe({ provider, step }, ms / 1000);
  }
}

/** A reason as a label: a code of ours, the family of an error code, or a reply code without its text. */
export function reasonLabel(reason: string): string {
  if (Object.hasOwn(reasons, reason)) return reason;
  const [, code] = /^([245]\d\d)\b/.exec(reason) ?? [];
  return code ?? families.find((family) => reason.startsWith(family)) ?? 'other';
}
