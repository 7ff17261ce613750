/** Wires a worker: the roads to the providers first, then the consumer that needs them, then those who watch. */
import { readFileSync } from 'node:fs';
import type { Durations, Service } from '@posthouse/contract';
import { MessageDelivery, ProviderClient, SmtpPool } from '@posthouse/delivery';
import { MailConsumer, ProviderCircuit, ProviderRate, Sealer, Sweeper, WorkerConnection, WorkerHeartbeat } from '@posthouse/queue';
import { type Logger, ServiceGroup } from '@posthouse/runtime';
import { loadRenderer } from '@posthouse/templates/render';
import { Alerts } from './alerts.ts';
import { CircuitMonitor } from './circuit-monitor.ts';
import type { WorkerConfig } from './config.ts';
import { LoginCheck } from './login-check.ts';
import { MessageRenderer } from './message-renderer.ts';
import { sendMail } from './send-mail.ts';

/** @throws TemplateError when a template does not compile */
export async function createWorker(config: WorkerConfig, durations: Durations, log: Logger): Promise<Service> {
  const { timings } = durations;
  const messageRenderer = new MessageRenderer(await loadRenderer(config.templatesDir), timings.reply);
  const connection = new WorkerConnection(config.redisUrl, new Sealer(config.secret), durations, (event, fields) =>
    log.warn(fields, event),
  );
  const alerts = new Alerts(log);
  const trust = config.smtpCa === undefined ? {} : { ca: config.smtpCa };
  const monitored = config.providers.map((provider) => {
    const pool = new SmtpPool(provider, trust, timings.smtp);
    const circuit = new ProviderCircuit(connection, provider);
    const rate = provider.ratePerSecond === undefined ? undefined : new ProviderRate(connection, provider, provider.ratePerSecond);
    return { circuit, client: new ProviderClient(pool, circuit, rate, timings, (...alert) => alerts.raise(...alert)) };
  });
  const clients = monitored.map(({ client }) => client);
  const delivery = new MessageDelivery(clients, {
    ...(config.returnPath !== undefined && { returnPath: config.returnPath.address }),
    ...(config.redirectTo !== undefined && { redirectTo: config.redirectTo }),
  });
  const consumer = new MailConsumer(connection, config.concurrency, sendMail({ messageRenderer, delivery, timings, log }), (id, error) =>
    log.error({ id, err: { message: error.message, stack: error.stack } }, 'a run broke off; the mail is put back'),
  );
  const watch = new CircuitMonitor(monitored, consumer, timings, log);
  const sweeper = new Sweeper(connection, (id) => log.warn({ id }, 'a mail was forgotten by the queue; it has a job again'));
  const heartbeat = new WorkerHeartbeat(connection, { version: version(), concurrency: config.concurrency, providers: config.providers });
  if (config.redirectTo !== undefined) log.warn('MAIL_REDIRECT_TO is set: every mail goes to that one address');
  const pools = clients.map(({ pool }) => pool);
  const services = [connection, heartbeat, ...pools, new LoginCheck(clients, log), consumer, ...clients, watch, sweeper];
  return new ServiceGroup('worker', services, timings.stop);
}

function version(): string {
  const manifest: { version: string } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  return manifest.version;
}
