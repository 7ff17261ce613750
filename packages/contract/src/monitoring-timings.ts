const second = 1000;

/** What watches Posthouse: metrics, and the probes of a worker; in ms. */
export interface MonitoringTimings {
  /** Scrapes within this time share one reading of the queue. */
  readonly queueReading: number;
  /** The same for the settings of Redis, which hardly change. */
  readonly redisSettings: number;
  /** Within this time each loop and each lease of a live worker has run, unless Redis is down. */
  readonly liveness: number;
}

/** Those of production. */
export const monitoringTimings: MonitoringTimings = {
  queueReading: second,
  redisSettings: 60 * second,
  liveness: 30 * second,
};
