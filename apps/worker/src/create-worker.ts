/** Wires a worker: the roads to the providers first, then the consumer that needs them, then those who watch. */
import { readFileSync } from 'node:fs';
import type { Service, Waits } from '@posthouse/contract';
import { MessageDelivery, ProviderRoad, SmtpPool } from '@posthouse/delivery';
import { MailConsumer, ProviderCircuit, ProviderRate, Sealer, Sweeper, WorkerConnection, WorkerPresence } from '@posthouse/queue';
import { type Logger, ServiceGroup } from '@posthouse/runtime';
import { loadRenderer } from '@posthouse/templates/render';
import { Alerts } from './alerts.ts';
import { CircuitWatch } from './circuit-watch.ts';
import type { WorkerConfig } from './config.ts';
import { LoginCheck } from './login-check.ts';
import { Messages } from './messages.ts';
import { sendMail } from './send-mail.ts';

/** @throws TemplateFault when a template does not compile */
export async function createWorker(config: WorkerConfig, waits: Waits, log: Logger): Promise<Service> {
  const messages = new Messages(await loadRenderer(config.templatesDir), waits.reply);
  const connection = new WorkerConnection(config.redisUrl, new Sealer(config.secret), waits, (trouble) => log.warn(trouble));
  const alerts = new Alerts(log);
  const trust = config.smtpCa === undefined ? {} : { ca: config.smtpCa };
  const watched = config.providers.map((provider) => {
    const pool = new SmtpPool(provider, trust, waits.smtp);
    const circuit = new ProviderCircuit(connection, provider);
    const rate = provider.ratePerSecond === undefined ? undefined : new ProviderRate(connection, provider, provider.ratePerSecond);
    return { circuit, road: new ProviderRoad(pool, circuit, rate, waits, (...alert) => alerts.raise(...alert)) };
  });
  const roads = watched.map(({ road }) => road);
  const delivery = new MessageDelivery(roads, {
    ...(config.returnPath !== undefined && { returnPath: config.returnPath.address }),
    ...(config.redirectTo !== undefined && { redirectTo: config.redirectTo }),
  });
  const consumer = new MailConsumer(connection, config.concurrency, sendMail({ messages, delivery, waits, log }), (id, error) =>
    log.error({ id, err: { message: error.message, stack: error.stack } }, 'a run broke off; the mail is put back'),
  );
  const watch = new CircuitWatch(watched, consumer, waits, log);
  const sweeper = new Sweeper(connection, (id) => log.warn({ id }, 'a mail was forgotten by the queue; it has a job again'));
  const presence = new WorkerPresence(connection, { version: version(), concurrency: config.concurrency, providers: config.providers });
  if (config.redirectTo !== undefined) log.warn('MAIL_REDIRECT_TO is set: every mail goes to that one address');
  const pools = roads.map(({ pool }) => pool);
  const services = [connection, presence, ...pools, new LoginCheck(roads, log), consumer, ...roads, watch, sweeper];
  return new ServiceGroup('worker', services, waits.stop);
}

function version(): string {
  const manifest: { version: string } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  return manifest.version;
}
