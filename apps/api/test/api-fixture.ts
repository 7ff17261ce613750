/** The API with a Redis of its own, called without a socket. */
import { fileURLToPath } from 'node:url';
import { type ApiKey, createApiKey, hashApiKey, parseKeyRights } from '@posthouse/access';
import { durations } from '@posthouse/contract';
import { patientDurations, RedisProcess } from '@posthouse/devkit';
import { ApiKeyRegistry, AuditLog, MailList, MailQueue, QueueMeter, RequestConnection, Sealer, sealKeys } from '@posthouse/queue';
import { createLogger } from '@posthouse/runtime';
import { loadCatalogue } from '@posthouse/templates/catalogue';
import type { FastifyInstance, LightMyRequestResponse } from 'fastify';
import { Admission } from '../src/admission.ts';
import { buildApi } from '../src/api-server.ts';
import { ApiMetrics } from '../src/metrics.ts';

export const templatesDir = fileURLToPath(new URL('../../../templates', import.meta.url));

/** A key with every right. */
export const key = createApiKey();

export class ApiFixture {
  readonly redis = new RedisProcess();
  connection!: RequestConnection;
  app!: FastifyInstance;
  /** API keys by the keys' hashes. */
  readonly keys = new Map<string, ApiKey>([
    [hashApiKey(key), { name: 'signup-service', rights: parseKeyRights('send+read-all+content+act-all+metrics') }],
  ]);

  /** Counts the mails that are being accepted; a test may fill it. */
  readonly admission = new Admission();
  readonly timings = patientDurations().timings;
  /** Domains that a sender may have. */
  readonly fromDomains = ['example.com', 'example.org'];

  /** @param urlOf where the API finds the Redis at this URL: by default there */
  async start(urlOf = async (redisUrl: string) => redisUrl): Promise<void> {
    const { timings } = this;
    await this.redis.start();
    this.connection = new RequestConnection(
      await urlOf(this.redis.url),
      new Sealer(sealKeys('d'.repeat(64))),
      { ...durations, timings },
      () => undefined,
    );
    await this.connection.start();
    const rules = {
      templates: { current: await loadCatalogue(templatesDir) },
      from: { name: 'Your House Today', address: 'hello@example.com' },
      fromDomains: this.fromDomains,
    };
    this.app = await buildApi({
      queue: new MailQueue(this.connection),
      list: new MailList(this.connection),
      audit: new AuditLog(this.connection),
      rules,
      keys: new ApiKeyRegistry(this.connection, this.keys, () => undefined),
      metrics: new ApiMetrics('0.1.0', (name) => rules.templates.current.templates.has(name)),
      meter: new QueueMeter(this.connection),
      timings,
      trustedProxies: ['127.0.0.9'],
      templateHealth: () => ({ templateSet: 'ok' }),
      log: createLogger('api', 'silent'),
      admission: this.admission,
    });
    await this.ready();
  }

  async stop(): Promise<void> {
    await this.app.close();
    await this.connection.stop();
    await this.redis.stop();
  }

  /** Runs something while a request waits for Redis as long as in production. */
  async withDeadline<T>(run: () => Promise<T>): Promise<T> {
    const { queue } = this.timings;
    const patientMs = queue.command;
    queue.command = durations.timings.queue.command;
    try {
      return await run();
    } finally {
      queue.command = patientMs;
    }
  }

  /** Resolves when the API can accept mail. */
  async ready(): Promise<void> {
    while (!(await this.connection.isReady())) await new Promise((resolve) => setImmediate(resolve));
  }

  post(url: string, payload: unknown, headers: Record<string, string> = {}): Promise<LightMyRequestResponse> {
    const body = typeof payload === 'string' ? payload : JSON.stringify(payload);
    return this.app.inject({
      method: 'POST',
      url,
      payload: body,
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', ...headers },
    });
  }

  get(url: string): Promise<LightMyRequestResponse> {
    return this.app.inject({ url, headers: { authorization: `Bearer ${key}` } });
  }

  /** Number of BullMQ jobs, waiting or delayed. */
  async jobs(): Promise<number> {
    const counts = await Promise.all(['prioritized', 'delayed'].map((set) => this.redis.cli('ZCARD', `{posthouse}:mail:${set}`)));
    return counts.reduce((sum, count) => sum + Number(count), 0);
  }
}

/** A valid mail. */
export const good = { to: 'anne@example.net', template: 'signup', data: { nickname: 'Anne', email: 'anne@example.net' } };
