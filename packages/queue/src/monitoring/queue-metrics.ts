/** The metrics of the queue as a whole. Every process that serves metrics has the same values: do not add them up over processes. */

import { limits } from '@posthouse/contract';
import type { Metrics } from '@posthouse/runtime';
import { type QueueMeasurement, type QueueMeter, scaleOf } from './queue-measurement.ts';
import type { ProviderStatus } from './queue-overview.ts';

/** Reasons of an open circuit that alone say that the provider, or the token endpoint, refuses the login. */
const loginRefused = /^(EAUTH|ENOAUTH|oauth-required|token-.*|53[0458]( .*)?|454 4\.7\.0)$/;

/** Whether a circuit is open because the provider, or the token endpoint, refuses the login. Any 5yz does at AUTH, and a 432, which wants a new password. */
export function refusesLogin({ circuit, reason = '', step }: Pick<ProviderStatus, 'circuit' | 'reason' | 'step'>): boolean {
  return circuit === 'open' && (loginRefused.test(reason) || (step === 'AUTH' && /^(5|432)/.test(reason)));
}

const redisRisks = ['evicts', 'forgets', 'unknown'] as const;

/**
 * Adds the metrics of the queue, read at each scrape. While Redis cannot be reached `posthouse_redis_up` is 0 and the others are absent, so that
 * nothing old is shown as current.
 */
export function addQueueMetrics(metrics: Metrics, meter: QueueMeter): void {
  const redisUp = metrics.gauge('posthouse_redis_up', 'Whether Redis answered this scrape.');
  const mails = metrics.gauge('posthouse_mails', 'Mails by state, as long as their records are kept.', ['state']);
  const due = metrics.gauge('posthouse_mails_due', 'Mails that could be sent now and that no worker has yet.', ['priority']);
  const oldest = metrics.gauge('posthouse_oldest_due_seconds', 'How long the mail that was due first has waited.', ['priority']);
  const inProgress = metrics.gauge('posthouse_mails_in_progress', 'Mails that workers have.');
  const parked = metrics.gauge('posthouse_mails_parked', 'Mails that a pause holds back.');
  const workers = metrics.gauge('posthouse_workers', 'Workers with a current heartbeat.');
  const paused = metrics.gauge('posthouse_paused_seconds', 'How long the oldest pause of each scope has lasted.', ['scope']);
  const bulk = metrics.gauge('posthouse_bulk_actions_running', 'Bulk actions that have not ended.');
  const scale = metrics.gauge('posthouse_scale_mails', 'How many mails workers are needed for.');
  const risk = metrics.gauge('posthouse_redis_risk', 'Whether a setting of Redis may lose mails, or is unknown.', ['risk']);
  const roundTrip = metrics.gauge('posthouse_redis_round_trip_seconds', 'How long Redis took to answer the reading of the queue.');
  const providers = providerMetrics(metrics);
  const plain = [inProgress, parked, workers, bulk, scale, roundTrip];
  const labelled = [mails, due, oldest, paused, risk];

  metrics.beforeScrape(async () => {
    const measured = await meter.measure().catch(() => undefined);
    for (const gauge of labelled) gauge.reset();
    redisUp.set(measured === undefined ? 0 : 1);
    providers(measured?.providers ?? []);
    if (measured === undefined) {
      // One without labels would be 0 after a reset.
      for (const gauge of plain) gauge.remove();
      return;
    }
    for (const [state, count] of Object.entries(measured.mails)) mails.set({ state }, count);
    for (const [priority, { mails: count, oldestMs }] of Object.entries(measured.due)) {
      due.set({ priority }, count);
      oldest.set({ priority }, oldestMs / 1000);
    }
    inProgress.set(measured.inProgress);
    parked.set(measured.parked);
    workers.set(measured.workers);
    for (const [scope, ms] of measured.pauses) paused.set({ scope }, ms / 1000);
    bulk.set(measured.bulkActions);
    scale.set(scaleOf(measured, limits.mailsPerConnection.min).mails);
    for (const name of redisRisks) risk.set({ risk: name }, Number(measured.redisRisks.includes(name)));
    roundTrip.set(measured.roundTripMs / 1000);
  });
}

/** The metrics of providers, which are those of the workers that run. @returns what sets them */
function providerMetrics(metrics: Metrics): (providers: QueueMeasurement['providers']) => void {
  const open = metrics.gauge('posthouse_circuit_open', 'Whether the provider is not used, because of its failures.', ['provider']);
  const login = metrics.gauge('posthouse_login_refused', 'Whether that is because it refuses the login.', ['provider']);
  const used = metrics.gauge('posthouse_provider_connections', 'Open connections, of all workers.', ['provider']);
  const max = metrics.gauge('posthouse_provider_connections_max', 'How many there may be at the moment.', ['provider']);
  const rate = metrics.gauge('posthouse_provider_rate_limit', 'Mails per second that the provider may get.', ['provider']);
  const slot = metrics.gauge('posthouse_provider_rate_wait_seconds', 'How far ahead the next mail under this rate is.', ['provider']);
  return (providers) => {
    for (const gauge of [open, login, used, max, rate, slot]) gauge.reset();
    for (const status of providers) {
      const { name: provider, circuit, connections, maxConnections, ratePerSecond, nextSlotMs } = status;
      open.set({ provider }, Number(circuit === 'open'));
      login.set({ provider }, Number(refusesLogin(status)));
      used.set({ provider }, connections);
      max.set({ provider }, maxConnections);
      if (ratePerSecond === undefined) continue;
      rate.set({ provider }, ratePerSecond);
      slot.set({ provider }, nextSlotMs / 1000);
    }
  };
}
