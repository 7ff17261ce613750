/** Wires a worker: connections to the providers first, then the consumer that needs them. */
import type { Service, Waits } from '@posthouse/contract';
import { MessageDelivery, SmtpPool } from '@posthouse/delivery';
import { MailConsumer, Sealer } from '@posthouse/queue';
import { type Logger, ServiceGroup } from '@posthouse/runtime';
import { loadRenderer } from '@posthouse/templates/render';
import type { WorkerConfig } from './config.ts';
import { LoginCheck } from './login-check.ts';
import { sendMail } from './send-mail.ts';

/** @throws TemplateFault when a template does not compile */
export async function createWorker(config: WorkerConfig, waits: Waits, log: Logger): Promise<Service> {
  const renderer = await loadRenderer(config.templatesDir);
  const trust = config.smtpCa === undefined ? {} : { ca: config.smtpCa };
  const pools = config.providers.map((provider) => new SmtpPool(provider, trust, waits.smtp));
  const delivery = new MessageDelivery(pools, {
    ...(config.returnPath !== undefined && { returnPath: config.returnPath.address }),
    ...(config.redirectTo !== undefined && { redirectTo: config.redirectTo }),
  });
  const consumer = new MailConsumer(
    { redisUrl: config.redisUrl, sealer: new Sealer(config.secret), waits, concurrency: config.concurrency },
    sendMail({ renderer, delivery, waits, log }),
    {
      onError: (error) => log.warn({ err: { message: error.message } }, 'redis'),
      onRunFault: (id, error) => log.error({ id, err: error }, 'a run broke off; the mail is put back'),
    },
  );
  if (config.redirectTo !== undefined) log.warn('MAIL_REDIRECT_TO is set: every mail goes to that one address');
  return new ServiceGroup('worker', [...pools, new LoginCheck(pools, log), consumer], waits.stop);
}
