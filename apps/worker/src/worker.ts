/**
 * The worker: takes due mails from the queue, renders and delivers them, and records the outcomes. Its services start in this order and
 * stop in the reverse order, each for a reason:
 *
 * 1. connection to Redis: all others use it, so it is closed last.
 * 2. connection of requests: HTTP port and bulk actions need answers in time, and must not wait behind the commands of the mails.
 * 3. template set: it is replaced while the worker runs, and reported.
 * 4. HTTP port, where one is set: it answers before the first mail, and until the last ones are finished.
 * 5. heartbeat: the worker is listed before it takes its first mail, and until its last one has ended. It compares the clocks: with a
 *    wrong one the consumer takes no mail.
 * 6. connection pools: transactions need them until the consumer has stopped.
 * 7. login check: logs in before the first mail, which then finds an open connection.
 * 8. warm-up: while the server replies, the code that composes messages is compiled.
 * 9. consumer: takes mails from here on. Stopping it waits for the mails in progress.
 * 10. provider clients: stop before the consumer, so that it does not wait for mails that wait for a sending slot or a connection.
 * 11. circuit monitor: pauses and resumes the consumer, so it stops before the consumer does.
 * 12. pause monitor: lets the consumer take mails once it has read the pauses, and releases parked ones.
 * 13. runner of bulk actions: it acts on mails as the API does.
 * 14. notifiers, where targets are set: one worker or API process notifies of incidents.
 * 15. sweeper: re-creates lost jobs. It is the last to be needed, so it starts last and stops first.
 */
import type { Durations, Service } from '@posthouse/contract';
import { MessageDelivery, type Provider, ProviderClient, SmtpPool, warmUpComposer } from '@posthouse/delivery';
import {
  BulkRunner,
  DomainCounters,
  IncidentNotifier,
  MailConsumer,
  PauseMonitor,
  ProviderCircuit,
  ProviderCounters,
  ProviderRate,
  RequestConnection,
  Sealer,
  SharedToken,
  Sweeper,
  TemplateSetReporter,
  WorkerConnection,
  WorkerHeartbeat,
} from '@posthouse/queue';
import { httpTargets, type Logger, notificationLog, packageVersion, ServiceGroup } from '@posthouse/runtime';
import { addTemplateSetMetrics, LiveTemplateSet } from '@posthouse/templates/catalogue';
import { loadRenderer } from '@posthouse/templates/render';
import { Alerts } from './alerts.ts';
import { CircuitMonitor, type MonitoredProvider } from './circuit-monitor.ts';
import { readConfig, type WorkerConfig } from './config.ts';
import { JobsInProgress } from './jobs-in-progress.ts';
import { templatesWithoutSensitive } from './kept-content.ts';
import { Liveness } from './liveness.ts';
import { LoginCheck } from './login-check.ts';
import { MessageRenderers } from './message-renderer.ts';
import { WorkerMetrics } from './metrics.ts';
import { mailTarget } from './notify-mail.ts';
import { ProviderTokens } from './oauth/provider-tokens.ts';
import { sendMail } from './send-mail.ts';
import { WorkerCircuit } from './worker-circuit.ts';
import { createWorkerPort } from './worker-port.ts';

export { readConfig, type WorkerConfig };

/** @throws TemplateError when a template does not compile */
export async function createWorker(config: WorkerConfig, durations: Durations, log: Logger): Promise<Service> {
  const { timings } = durations;
  const templates = await LiveTemplateSet.load({ dir: config.templatesDir, load: loadRenderer, timings: timings.templateSet, log });
  const warnOfUnstated = () => {
    const unstated = templatesWithoutSensitive(templates.current);
    if (unstated.length === 0) return;
    const fix = 'state "sensitive" in template.json, an empty list where there is none, or "keepContent": false';
    log.warn({ templates: unstated, fix }, 'content of sent mails not kept: sensitive is not stated');
  };
  warnOfUnstated();
  const renderers = new MessageRenderers(templates, timings.reply, durations.retention);
  const sealer = new Sealer(config.secret);
  const connection = new WorkerConnection(
    config.redisUrl,
    sealer,
    durations,
    (event, fields) => log.warn(fields, event),
    config.redisAccess,
  );
  const alerts = new Alerts(timings.alertInterval, log);
  const counters = new ProviderCounters(durations.retention.counts.hours);
  const domains = new DomainCounters(sealer, durations.retention.counts);
  const version = packageVersion(new URL('../package.json', import.meta.url));
  const metrics = new WorkerMetrics(version, () => templates.current.catalogue.templates);
  addTemplateSetMetrics(metrics.all, templates);
  const monitored = monitoredProviders(config, connection, durations, { alerts, counters, domains, metrics, log });
  const clients = monitored.map(({ client }) => client);
  const pools = clients.map(({ pool }) => pool);
  const loginCheck = new LoginCheck(clients, log);
  const delivery = new MessageDelivery(clients, {
    ...(config.returnPath !== undefined && { returnPath: config.returnPath.address }),
    ...(config.redirectTo !== undefined && { redirectTo: config.redirectTo }),
  });
  if (config.redirectTo !== undefined) log.warn('MAIL_REDIRECT_TO is set: all mail is sent to one address');
  if (config.providers.some(({ ehlo, host }) => ehlo === undefined && host !== 'localhost')) {
    log.warn('no full name for EHLO, relays may refuse an address: set ?ehlo= in SMTP_URL, or MAIL_FROM');
  }
  const consumer = new MailConsumer(
    connection,
    config.concurrency,
    sendMail({ renderers, delivery, timings, alerts, counters, metrics, log }),
    (id, error) => log.error({ id, err: { message: error.message, stack: error.stack } }, 'mail handler threw; rescheduling'),
  );
  const jobsInProgress = new JobsInProgress(consumer, config.maxConcurrency);
  delivery.onDelivered = (load) => jobsInProgress.delivered(load);
  let isClockWrong = false;
  const info = () => ({
    version,
    concurrency: consumer.concurrency,
    providers: monitored.map(({ client, circuit: { localFailure } }) => ({
      ...client.provider,
      connections: client.pool.openConnections,
      maxConnections: client.pool.limit,
      ...(localFailure !== undefined && { localFailure }),
    })),
  });
  // Until it has read the pauses, it is not known which mails are paused.
  await consumer.pause('user');
  const providerNames = config.providers.map(({ name }) => name);
  const pauses = new PauseMonitor(connection, consumer, providerNames, (active) => {
    log.info({ pauses: active }, 'pauses changed');
    // The provider of a pause is used no more at once.
    for (const { circuit } of monitored) circuit.onOpen();
  });
  // Until its clock was compared with that of Redis, it is not known whether it is right.
  await consumer.pause('clock');
  const heartbeat = new WorkerHeartbeat(
    connection,
    info,
    (skewMs) => {
      const done = skewMs === undefined ? consumer.resume('clock') : consumer.pause('clock');
      void done.catch(connection.onError);
      if (skewMs !== undefined) {
        log.error({ skewMs, fix: 'run NTP on this machine and on that of Redis' }, 'clock wrong: no mail is taken');
        isClockWrong = true;
      } else if (isClockWrong) {
        log.warn('clock right again: mail is taken');
        isClockWrong = false;
      }
    },
    [counters, domains],
  );
  const circuitMonitor = new CircuitMonitor(monitored, consumer, timings.circuit, log);
  // What happens to the connection is logged by the other one, which goes to the same Redis.
  const requests = new RequestConnection(config.redisUrl, sealer, durations, () => undefined, config.redisAccess);
  const requestConnection: Service = {
    name: 'connection of requests',
    start: () => requests.start(),
    stop: () => requests.stop(),
  };
  const reporter = new TemplateSetReporter(requests, 'worker', templates);
  templates.onChange = () => {
    reporter.report();
    if (templates.refused === undefined) warnOfUnstated();
  };
  const bulkRunner = new BulkRunner(requests, connection.workerId, (subject, { message, stack }) =>
    log.error({ subject, err: { message, stack } }, 'bulk action step failed'),
  );
  const { target: targetMs } = timings.monitoring.notifier;
  const targets = httpTargets(config.notify, targetMs);
  if (config.notifyMail !== undefined) targets.push(mailTarget(delivery, config.notifyMail, config.notify.quiet, targetMs));
  const notifiers = targets.map((target) => new IncidentNotifier(requests, target, notificationLog(log)));
  const sweeper = new Sweeper(connection, (id) => log.warn({ id }, 'orphaned mail: job re-created'));
  const warmUp = { name: 'warm-up', start: warmUpComposer, stop: async () => undefined };
  const liveness = new Liveness([heartbeat, circuitMonitor, pauses, consumer], timings.monitoring.liveness);
  const portParts = { connection: requests, metrics, liveness, consumer, templates };
  const services = [
    connection,
    requestConnection,
    templates,
    reporter,
    ...(config.port === undefined ? [] : [createWorkerPort(config.host, config.port, timings, portParts, log)]),
    heartbeat,
    ...pools,
    loginCheck,
    warmUp,
    consumer,
    ...clients,
    circuitMonitor,
    pauses,
    bulkRunner,
    ...notifiers,
    sweeper,
  ];
  return new ServiceGroup('worker', services, timings.stop, (event, part) => log.debug({ part }, event));
}

/** What watches each provider's deliveries. */
interface MonitoringParts {
  alerts: Alerts;
  counters: ProviderCounters;
  domains: DomainCounters;
  metrics: WorkerMetrics;
  log: Logger;
}

function monitoredProviders(
  config: WorkerConfig,
  connection: WorkerConnection,
  { timings }: Durations,
  { alerts, counters, domains, metrics, log }: MonitoringParts,
): readonly MonitoredProvider[] {
  const trust = config.smtpCa === undefined ? {} : { ca: config.smtpCa };
  return config.providers.map((provider) => {
    const source = config.tokenSources.get(provider.name);
    const logPhase = alerts.phasesOf(provider);
    const pool = new SmtpPool(withinHalf(provider, config), trust, timings.smtp, {
      onPhase: (phase, state, ms) => {
        if (state !== 'done') return logPhase(phase, state, ms);
        counters.lasted(provider.name, phase, ms);
        metrics.lasted(provider.name, phase, ms);
      },
      tokens: source && new ProviderTokens(provider.name, source, new SharedToken(connection, provider), timings.oauth, log),
    });
    const circuit = new WorkerCircuit(new ProviderCircuit(connection, provider), () => connection.pauses.providers.has(provider.name));
    const rate = provider.ratePerSecond === undefined ? undefined : new ProviderRate(connection, provider, provider.ratePerSecond);
    const client = new ProviderClient(pool, circuit, rate, timings, (...alert) => alerts.raise(...alert));
    client.onResult = (attempt) => {
      counters.attempted(attempt);
      domains.attempted(attempt);
    };
    return { circuit, client };
  });
}

/** Of several providers, one that does not reply keeps at most half of the mails in progress waiting. */
function withinHalf(provider: Provider, { providers, concurrency }: WorkerConfig): Provider {
  return providers.length === 1 ? provider : { ...provider, pool: Math.min(provider.pool, Math.max(1, Math.floor(concurrency / 2))) };
}
