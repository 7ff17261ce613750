/** Real workers, in this process or in processes of their own, between a real Redis and a real SMTP server over TLS. */
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Envelope, MailRecord, MailState } from '@posthouse/contract';
import { AppProcess, CertificateAuthority, patientDurations, RedisProcess, SmtpServer } from '@posthouse/devkit';
import {
  MailQueue,
  type NewMail,
  newMailId,
  newRecord,
  Pauses,
  ProviderStatistics,
  QueueOverview,
  RequestConnection,
  Sealer,
  sealKeys,
} from '@posthouse/queue';
import { expect } from 'vitest';
import { isReadyLine, type RunningWorker, startInProcess } from './worker-in-process.ts';

const secret = 'f'.repeat(64);
const entry = fileURLToPath(new URL('worker-with-timings.mjs', import.meta.url));

/** The templates of the project. */
export const templatesDir = fileURLToPath(new URL('../../../templates', import.meta.url));

/** Waits short enough for a test. Deadlines and leases are those of production: a busy machine must not exceed them. */
export const quick = {
  retry: [50, 50],
  retryJitter: 0,
  deferral: { initial: 100, max: 200 },
  reply: { unknown: 300 },
  crashBackoff: 50,
  pause: { poll: 50, lease: 10_000 },
  circuit: {
    busy: { initial: 200, max: 400 },
    quota: { initial: 200, max: 400 },
    login: { initial: 200, max: 400 },
    unreachable: { initial: 200, max: 400 },
    poll: 50,
    probe: 30_000,
  },
};

/** Copies what the template `signup` needs: a worker compiles all templates of its set when it starts. */
export async function copyTemplates(folder: string): Promise<void> {
  for (const name of ['_layout', 'signup']) await cp(join(templatesDir, name), join(folder, name), { recursive: true });
}

/** An envelope from the test sender. */
export function envelope(to: string[], bcc: string[] = []): Envelope {
  const mailboxes = (addresses: string[]) => addresses.map((address) => ({ address }));
  return { from: { address: 'hello@example.com' }, to: mailboxes(to), cc: [], bcc: mailboxes(bcc), replyTo: [] };
}

/** `open` and `close` once per file; `start` and `stop` around each test. */
export class WorkerFixture {
  readonly redis = new RedisProcess();
  readonly #workers: (AppProcess | RunningWorker)[] = [];
  #lastProcess: AppProcess | undefined;
  readonly #servers: SmtpServer[] = [];
  #ca!: CertificateAuthority;
  #caFile!: string;
  /** A temporary folder of the file. */
  dir!: string;
  smtp!: SmtpServer;
  queue!: MailQueue;
  overview!: QueueOverview;
  statistics!: ProviderStatistics;
  pauses!: Pauses;
  /** As an API or a dashboard has it. */
  connection!: RequestConnection;

  async open(): Promise<void> {
    this.dir = await mkdtemp(join(tmpdir(), 'posthouse-worker-'));
    this.#ca = await CertificateAuthority.create();
    this.#caFile = join(this.dir, 'ca.pem');
    await this.#ca.writeCa(this.#caFile);
    await copyTemplates(join(this.dir, 'signup-only'));
    await this.redis.start();
  }

  async close(): Promise<void> {
    await this.redis.stop();
    await rm(this.dir, { recursive: true });
  }

  async start(): Promise<void> {
    await this.redis.cli('FLUSHALL');
    this.smtp = await this.startSmtp();
    this.connection = new RequestConnection(this.redis.url, new Sealer(sealKeys(secret)), patientDurations(), () => undefined);
    this.queue = new MailQueue(this.connection);
    this.overview = new QueueOverview(this.connection);
    this.statistics = new ProviderStatistics(this.connection);
    this.pauses = new Pauses(this.connection);
    await this.connection.start();
    await expect.poll(() => this.queue.isReady()).toBe(true);
  }

  async stop(): Promise<void> {
    for (const worker of this.#workers.splice(0)) await worker.stop();
    await this.connection.stop();
    await Promise.all(this.#servers.splice(0).map((server) => server.stop()));
  }

  /** Another SMTP server. */
  async startSmtp(): Promise<SmtpServer> {
    const server = new SmtpServer({ ca: this.#ca, mode: 'implicit-tls' });
    this.#servers.push(server);
    await server.start();
    return server;
  }

  /** The worker process that was started last, even if it did not become ready. */
  get lastProcess(): AppProcess | undefined {
    return this.#lastProcess;
  }

  async stopLastWorker(): Promise<void> {
    await this.#workers.pop()?.stop();
  }

  /** A worker in this process that has logged whether its provider's login works: for tests that neither kill it nor need its exit. */
  async startWorker(env: NodeJS.ProcessEnv = {}, scaled: object = quick): Promise<RunningWorker> {
    return await startInProcess(this.#env(env), scaled, (worker) => this.#workers.push(worker));
  }

  /** A worker process that has logged whether its provider's login works. */
  async startProcess(env: NodeJS.ProcessEnv = {}, scaled: object = quick): Promise<AppProcess> {
    const args = [JSON.stringify(scaled)];
    const worker = new AppProcess({ name: 'worker', entry, args, env: this.#env(env), readyWhen: isReadyLine });
    this.#lastProcess = worker;
    this.#workers.push(worker);
    await worker.start();
    return worker;
  }

  #env(change: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
    return {
      PATH: process.env['PATH'],
      REDIS_URL: this.redis.url,
      SMTP_URL: this.smtp.url,
      SMTP_CA_FILE: this.#caFile,
      POSTHOUSE_SECRET: secret,
      TEMPLATES_DIR: join(this.dir, 'signup-only'),
      ...change,
    };
  }

  /** Puts a mail into the queue as the API does; returns its id. */
  async accept(change: Partial<NewMail> = {}): Promise<string> {
    const mail: NewMail = {
      apiKey: 'test',
      envelope: envelope(['anne@example.net']),
      content: {
        template: { name: 'signup', locale: 'ko', data: { nickname: 'Anne', email: 'anne@example.net' } },
        attachments: [],
        headers: {},
      },
      priority: 'normal',
      tags: [],
      ...change,
    };
    const record = newRecord(newMailId(), mail, Date.now());
    await this.queue.accept([record]);
    return record.id;
  }

  /** The record of a mail once it is in a state. */
  async reaches(id: string, state: MailState): Promise<MailRecord> {
    await expect.poll(async () => (await this.queue.read(id))?.state).toBe(state);
    return (await this.queue.read(id, true)) as MailRecord;
  }
}
