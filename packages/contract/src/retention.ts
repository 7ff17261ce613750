/**
 * How long records and what belongs to them are kept. Retention is policy, so it is handed to constructors beside the timings.
 * All values are in ms.
 */
import { day, hour } from './duration.ts';
import { freeze, type Timings, timings } from './timings.ts';

/** How long each kind of data is kept. */
export interface Retention {
  /** A record that ended as sent, expired or cancelled, from its end; of a template mail also what is kept of its content. */
  readonly sent: number;
  /** A record that ended as failed, uncertain or partly sent, with its content, from its end. */
  readonly failed: number;
  /** The content of a sent mail without a template, from its end, and at most as long as the record; 0: it is not kept. */
  readonly content: number;
  /** An idempotency key and the answer to it, from the first request. */
  readonly idempotency: number;
  /** The traffic counters of one hour, from that hour. */
  readonly traffic: number;
  /** What providers did and the outcomes of recipients by domain, of one hour, from that hour; and by domain of a part of an hour. */
  readonly counts: Readonly<Record<'hours' | 'parts', number>>;
  /** A bulk action, from when it was started. */
  readonly bulk: number;
  /** A user's session in the dashboard, from sign-in. */
  readonly session: number;
}

/** What may be configured for `sent`, `failed` and `content`. */
export const retentionBounds = freeze({ min: hour, max: 3650 * day });

/** The retention of production, unless the configuration says otherwise. */
export const retention: Retention = freeze({
  sent: 7 * day,
  failed: 30 * day,
  content: 0,
  idempotency: 1 * day,
  // Two weeks, so that a week can be compared with the one before.
  traffic: 15 * day,
  // The latest 24 hours are read, and the latest one.
  counts: { hours: 26 * hour, parts: 2 * hour },
  bulk: 30 * day,
  session: 12 * hour,
});

/** Every duration that a process is given: timings and retention. */
export interface Durations {
  readonly timings: Timings;
  readonly retention: Retention;
}

/** The durations of production. */
export const durations: Durations = freeze({ timings, retention });
