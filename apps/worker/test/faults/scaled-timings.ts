/** Timings of workers under test. */

/**
 * The waits of production scaled down, in the same proportion to each other. Deadlines and leases are those of production: a test that
 * waits for the end of one shortens it.
 */
export const scaled = {
  retry: [300, 600, 1200],
  deferral: { initial: 200, max: 1000 },
  reply: { recipientBusy: 1000, outOfStep: 200, rate: 200, unknown: 3000, rollout: 300, rolloutMax: 60_000 },
  circuit: {
    busy: { initial: 500, max: 2000 },
    quota: { initial: 1000, max: 4000 },
    login: { initial: 500, max: 2000 },
    unreachable: { initial: 500, max: 2000 },
    poll: 100,
    probe: 4500,
  },
  crashBackoff: 300,
  sweep: { intervalMs: 1000, lease: 900, overdue: 10_000 },
  smtp: { pause: 200, pauseMax: 1000 },
  queue: { refused: 200 },
};

/** For workers that die or freeze: others take over their mails soon. */
export const shortLeases = {
  ...scaled,
  queue: { ...scaled.queue, lock: 2000, stalled: 500 },
  heartbeat: { intervalMs: 500, gone: 5000 },
};
