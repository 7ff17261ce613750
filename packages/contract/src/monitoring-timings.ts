import { hour, minute, second } from './duration.ts';
import type { IncidentKind } from './incident.ts';

/** What watches Posthouse: metrics, and the probes of a worker; in ms. */
export interface MonitoringTimings {
  /** Scrapes within this time share one reading of the queue. */
  readonly queueReading: number;
  /** The same for the settings of Redis, which hardly change. */
  readonly redisSettings: number;
  /** Within this time each loop and each lease of a live worker has run, unless Redis is down. */
  readonly liveness: number;
  readonly notifier: {
    /** How often the process that notifies looks for incidents, and after how long another one takes its place. */
    readonly intervalMs: number;
    readonly lease: number;
    /** How long a target may take to answer. */
    readonly target: number;
    /** How long an incident must last before it is reported, and be gone before its end is. */
    readonly after: Readonly<Record<IncidentKind, number>>;
    readonly gone: number;
  };
  /** When a mail of each priority is overdue. */
  readonly overdue: Readonly<Record<'high' | 'normal' | 'low' | 'bulk' | 'delayed', number>>;
  /** When a pause is long. */
  readonly longPause: number;
}

/** Those of production. */
export const monitoringTimings: MonitoringTimings = {
  queueReading: second,
  redisSettings: 60 * second,
  liveness: 30 * second,
  notifier: {
    intervalMs: 10 * second,
    lease: 30 * second,
    target: 10 * second,
    after: {
      'no-worker': 2 * minute,
      'mail-overdue': 2 * minute,
      'circuit-open': 5 * minute,
      'login-refused': minute,
      'failure-ratio': minute,
      uncertain: 5 * minute,
      'paused-long': minute,
      'redis-not-durable': 10 * minute,
    },
    gone: minute,
  },
  overdue: { high: minute, normal: 5 * minute, delayed: 5 * minute, low: hour, bulk: hour },
  longPause: 4 * hour,
};
