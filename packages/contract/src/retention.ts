/**
 * How long records and what belongs to them are kept. Retention is policy, so it is handed to constructors beside the timings.
 * All values are in ms.
 */
import { freeze, type Timings, timings } from './timings.ts';

const hour = 60 * 60 * 1000;
const day = 24 * hour;

/** How long each kind of data is kept. */
export interface Retention {
  /** A record that ended as sent, expired or cancelled, from its end. */
  readonly sent: number;
  /** A record that ended as failed or uncertain, with its content, from its end. */
  readonly failed: number;
  /** An idempotency key and the answer to it, from the first request. */
  readonly idempotency: number;
  /** The traffic counters of one hour, from that hour. */
  readonly traffic: number;
  /** A bulk action, from when it was started. */
  readonly bulk: number;
  /** A user's session in the dashboard, from sign-in. */
  readonly session: number;
}

/** The retention of production. */
export const retention: Retention = freeze({
  sent: 7 * day,
  failed: 30 * day,
  idempotency: 1 * day,
  traffic: 26 * hour,
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
