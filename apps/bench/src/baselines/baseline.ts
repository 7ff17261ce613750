/** The baselines on a Redis of their own: BullMQ's queue as an application uses it, and the settings of the processes that send from it. */
import { RedisProcess } from '@posthouse/devkit';
import { loadRenderer } from '@posthouse/templates/render';
import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { templatesDir } from '../servers/posthouse.ts';
import type { SmtpTarget } from '../servers/smtp-target.ts';
import { type BaselineSettings, jobOptions, type MailJob } from './baseline-job.ts';

/** As many connections as Posthouse's pool has by default. */
const connections = 10;

/** Redis and the queues of the baselines. */
export class Baseline {
  readonly redisServer = new RedisProcess();
  redis!: Redis;
  readonly #queues: Queue[] = [];
  #mail: Pick<BaselineSettings, 'html' | 'text' | 'subject'> | undefined;

  async start(): Promise<void> {
    await this.redisServer.start();
    this.redis = new Redis(this.redisServer.port);
    const renderer = await loadRenderer(templatesDir);
    // The same mail as a Handlebars template with one expression.
    const { html, text, subject } = renderer.render('signup', { nickname: '{{nickname}}', email: 'anne@example.net' }, 'en');
    if (!html.includes('{{nickname}}'))
      throw new Error('The sign-up mail does not contain the nickname: the baseline would render nothing');
    this.#mail = { html, text, subject };
  }

  async stop(): Promise<void> {
    await Promise.all(this.#queues.map((queue) => queue.close()));
    this.redis?.disconnect();
    await this.redisServer.stop();
  }

  /** A queue, as an application opens it. */
  queue(name: string): Queue<MailJob> {
    const queue = new Queue<MailJob>(name, {
      connection: { host: '127.0.0.1', port: this.redisServer.port },
      defaultJobOptions: jobOptions,
    });
    this.#queues.push(queue);
    return queue;
  }

  settings(queueName: string, smtp: SmtpTarget): BaselineSettings {
    if (this.#mail === undefined) throw new Error('The baseline is not started');
    return {
      redisPort: this.redisServer.port,
      queueName,
      smtp: smtp.settings,
      connections,
      sender: 'hello@example.com',
      from: 'Your House Today <hello@example.com>',
      ...this.#mail,
    };
  }
}
