/**
 * All of Posthouse: Redis, the API and workers that a test kills or freezes are separate processes, at full size all workers; and SMTP
 * servers over TLS with injected faults. Mails come in over HTTP, and only those answered with 202 count.
 */
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createApiKey, hashApiKey } from '@posthouse/access';
import type { MailRecord, MailState } from '@posthouse/contract';
import {
  AppProcess,
  CertificateAuthority,
  patientDurations,
  RedisProcess,
  ReplicatedRedis,
  SmtpServer,
  type SmtpServerOptions,
  TcpProxy,
} from '@posthouse/devkit';
import { leastRights, MailQueue, RequestConnection, Sealer, sealKeys } from '@posthouse/queue';
import { expect } from 'vitest';
import { copyTemplates } from '../worker-fixture.ts';
import { isReadyLine, type RunningWorker, startInProcess } from '../worker-in-process.ts';
import { atFullSize } from './census.ts';
import { type RedisKind, redisOf } from './redis-kinds.ts';
import { scaled } from './scaled-timings.ts';

export { scaled, shortLeases } from './scaled-timings.ts';

const workerEntry = fileURLToPath(new URL('../worker-with-timings.mjs', import.meta.url));
const apiEntry = fileURLToPath(new URL('../../../api/dist/main.js', import.meta.url));

/** The templates of the project. */
export const templatesDir = fileURLToPath(new URL('../../../../templates', import.meta.url));

/** Secrets that must never be in a log or in Redis. */
export const secrets = { seal: 'c0ffee'.repeat(10).padEnd(64, '0'), apiKey: createApiKey(), smtpPassword: 'planted horse battery' };

/** A mail as an application requests it. */
export function signUp(number: number, change: object = {}): object {
  const email = `reader-${number}@example.net`;
  return { to: email, template: 'signup', data: { nickname: `Reader ${number}`, email }, ...change };
}

/** That many mails, each to a different recipient. */
export function signUps(count: number, change: object = {}): object[] {
  return Array.from({ length: count }, (_, number) => signUp(number, change));
}

/**
 * The system under test. `start` and `stop` around each test: workers and servers are new each time, and Redis is empty. Redis and the
 * API start with the first test and stay until `close`; tests that break one of them close after each.
 */
export class FaultFixture {
  smtp!: SmtpServer;
  ca!: CertificateAuthority;
  /** Reads the records. */
  queue!: MailQueue;
  readonly #kind: RedisKind;
  #server!: ReturnType<typeof redisOf>;
  #connection!: RequestConnection;
  /** A temporary folder of the file. */
  dir!: string;
  api!: AppProcess;
  /** The ids of the mails that were answered with 202. */
  readonly acknowledged: string[] = [];
  /** When the first mail was requested. */
  begunAt = 0;
  readonly workers: (AppProcess | RunningWorker)[] = [];
  readonly servers: SmtpServer[] = [];
  readonly #apis: AppProcess[] = [];
  readonly #proxies: TcpProxy[] = [];

  #isOpen = false;

  constructor(kind: RedisKind = 'single') {
    this.#kind = kind;
  }

  /** Redis; of two, the primary. */
  get redis(): RedisProcess {
    return this.#server instanceof RedisProcess ? this.#server : this.#server.primary;
  }

  get replicatedRedis(): ReplicatedRedis {
    if (!(this.#server instanceof ReplicatedRedis)) throw new Error('This fixture has one Redis');
    return this.#server;
  }

  /** All servers of Redis, of the kind that this fixture was made with. */
  serversAs<T>(kind: new (...options: never[]) => T): T {
    if (!(this.#server instanceof kind)) throw new Error(`This fixture has no ${kind.name}`);
    return this.#server;
  }

  /** The variables by which a process reaches Redis. */
  get redisEnv(): Record<string, string> {
    const files = {
      REDIS_CA_FILE: this.#caFile,
      REDIS_CERT_FILE: join(this.dir, 'client.crt'),
      REDIS_KEY_FILE: join(this.dir, 'client.key'),
    };
    const url = this.#server.url.replace('//', '//posthouse:planted-redis@');
    const wait = this.#kind === 'sentinel' && { REDIS_WAIT_REPLICAS: '1' };
    return this.#kind === 'tls' ? { REDIS_URL: url, ...files } : { REDIS_URL: this.#server.url, ...wait };
  }

  async start(): Promise<void> {
    this.acknowledged.length = 0;
    this.begunAt = 0;
    if (!this.#isOpen) await this.#open();
    this.smtp = await this.startSmtp();
  }

  async #open(): Promise<void> {
    this.#isOpen = true;
    this.dir = await mkdtemp(join(tmpdir(), 'posthouse-faults-'));
    this.ca = await CertificateAuthority.create();
    await this.ca.writeCa(this.#caFile);
    await copyTemplates(join(this.dir, 'signup-only'));
    const { certPem: cert, keyPem: key } = await this.ca.issue({ hosts: ['posthouse'], client: true });
    await Promise.all([writeFile(join(this.dir, 'client.crt'), cert), writeFile(join(this.dir, 'client.key'), key)]);
    this.#server = redisOf(this.#kind, this.ca);
    await this.#server.start();
    if (this.#kind === 'tls') await this.redis.cli('ACL', 'SETUSER', 'posthouse', 'on', '>planted-redis', ...leastRights.split(' '));
    const sealer = new Sealer(sealKeys(secrets.seal));
    this.#connection = new RequestConnection(this.#server.url, sealer, patientDurations(), () => undefined, {
      ca: this.ca.caPem,
      cert,
      key,
    });
    this.queue = new MailQueue(this.#connection);
    await this.#connection.start();
    await this.startApi();
  }

  async stop(): Promise<void> {
    await this.redis.kill('SIGCONT');
    await Promise.all(this.workers.splice(0).map((worker) => worker.stop()));
    await Promise.all([...this.servers.splice(0), ...this.#proxies.splice(0)].map((server) => server.stop()));
    await this.redis.cli('FLUSHALL');
  }

  async close(): Promise<void> {
    await this.stop();
    this.#isOpen = false;
    await Promise.all(this.#apis.splice(0).map((api) => api.stop()));
    await this.#connection.stop();
    await this.#server.stop();
    await rm(this.dir, { recursive: true });
  }

  /** Another SMTP server; it counts messages and, unless `keep`, stores none. */
  async startSmtp(options: Partial<SmtpServerOptions> = {}): Promise<SmtpServer> {
    const server = new SmtpServer({ ca: this.ca, mode: 'implicit-tls', pass: secrets.smtpPassword, keep: false, ...options });
    this.servers.push(server);
    await server.start();
    return server;
  }

  /** The API; again to replace one that was killed. */
  async startApi(env: NodeJS.ProcessEnv = {}): Promise<void> {
    this.api = new AppProcess({
      name: 'api',
      entry: apiEntry,
      env: {
        PATH: process.env['PATH'],
        ...this.redisEnv,
        API_PORT: '0',
        API_KEYS: `test:${hashApiKey(secrets.apiKey)}`,
        MAIL_FROM: 'Posthouse <hello@example.com>',
        POSTHOUSE_SECRET: secrets.seal,
        TEMPLATES_DIR: join(this.dir, 'signup-only'),
        LOG_LEVEL: 'debug',
        ...env,
      },
      readyWhen: (line) => line.includes('"msg":"ready"'),
    });
    this.#apis.push(this.api);
    await this.api.start();
  }

  /**
   * Another API, which is killed when it sends Redis the first piece of data that matches; Redis does not get that piece.
   * @returns what resolves when it has ended
   */
  async startApiKilledAt(when: (piece: Buffer) => boolean): Promise<() => Promise<void>> {
    const proxy = await this.startApiBehindProxy();
    const { api } = this;
    const kill = (piece: Buffer) => {
      if (!when(piece)) return false;
      api.kill('SIGKILL');
      return true;
    };
    proxy.stallAt({ when: kill, side: 'request' });
    return async () => void (await api.exit);
  }

  /** Another API, which has reached Redis. @returns what is between the two */
  async startApiBehindProxy(): Promise<TcpProxy> {
    const proxy = new TcpProxy(this.redis.port);
    this.#proxies.push(proxy);
    await proxy.start();
    await this.startApi({ REDIS_URL: `redis://127.0.0.1:${proxy.port}` });
    await expect.poll(async () => (await this.readiness()).status).toBe(200);
    return proxy;
  }

  /**
   * A worker that has logged whether its provider's login works: in the process of the tests, and at full size in one of its own.
   * A process takes a second of CPU time to load.
   */
  async startWorker(env: NodeJS.ProcessEnv = {}, workerTimings: object = scaled): Promise<AppProcess | RunningWorker> {
    if (atFullSize) return await this.startProcess(env, workerTimings);
    return await startInProcess(this.#workerEnv(env), workerTimings, (worker) => this.workers.push(worker));
  }

  /** A worker in a process of its own, to be killed, frozen or stopped by a signal. */
  async startProcess(env: NodeJS.ProcessEnv = {}, workerTimings: object = scaled): Promise<AppProcess> {
    const args = [JSON.stringify(workerTimings)];
    const worker = new AppProcess({ name: 'worker', entry: workerEntry, args, env: this.#workerEnv(env), readyWhen: isReadyLine });
    this.workers.push(worker);
    await worker.start();
    return worker;
  }

  #workerEnv(change: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
    return {
      ...{ PATH: process.env['PATH'], ...this.redisEnv, SMTP_URL: this.smtp.url, SMTP_CA_FILE: this.#caFile },
      ...{ POSTHOUSE_SECRET: secrets.seal, TEMPLATES_DIR: join(this.dir, 'signup-only'), LOG_LEVEL: 'debug', ...change },
    };
  }

  /** A crash. */
  async kill(app: AppProcess): Promise<void> {
    app.kill('SIGKILL');
    await app.exit;
  }

  /** Sends one POST request to the API. */
  async run(path: string, body: object | undefined, headers: Record<string, string> = {}): Promise<{ status: number; body: unknown }> {
    const response = await fetch(`${this.#apiUrl}${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${secrets.apiKey}`, ...(body && { 'content-type': 'application/json' }), ...headers },
      ...(body && { body: JSON.stringify(body) }),
    });
    return { status: response.status, body: await response.json() };
  }

  /** What the API says of itself, without a key. */
  async readiness(): Promise<{ status: number; body: unknown }> {
    const response = await fetch(`${this.#apiUrl}/readyz`);
    return { status: response.status, body: await response.json() };
  }

  get #apiUrl(): string | undefined {
    return /http:\/\/[\d.]+:\d+/.exec(this.api.output.join('\n'))?.[0];
  }

  /**
   * Sends a batch as an application should: with an Idempotency-Key, repeated until it is accepted.
   * @returns the mails' ids, which count as acknowledged from then on
   */
  async post(mails: readonly object[], idempotencyKey: string = randomUUID()): Promise<string[]> {
    this.begunAt ||= Date.now();
    let ids: string[] = [];
    const run = async () => {
      const answer = await this.run('/v1/mails/batch', { mails }, { 'idempotency-key': idempotencyKey }).catch(() => undefined);
      if (answer?.status === 202) ids = (answer.body as { results: { id: string }[] }).results.map(({ id }) => id);
      return answer?.status ?? 503;
    };
    const later = (status: number) => status === 503 || status === 409;
    await expect.poll(run, { interval: 200 }).not.toSatisfy(later);
    expect(ids).toHaveLength(mails.length);
    this.acknowledged.push(...ids);
    return ids;
  }

  /** A mail's record; undefined while Redis is down. */
  async record(id: string): Promise<MailRecord | undefined> {
    return await this.queue.read(id).catch(() => undefined);
  }

  /** The record of a mail once it is in a state. */
  async reaches(id: string, ...states: MailState[]): Promise<MailRecord> {
    await expect.poll(async () => (await this.record(id))?.state, { interval: 10 }).toBeOneOf(states);
    return (await this.record(id)) as MailRecord;
  }

  /** All log lines of the API and the workers. */
  get logs(): string {
    return [...this.#apis, ...this.workers].flatMap(({ output }) => output).join('\n');
  }

  get #caFile(): string {
    return join(this.dir, 'ca.pem');
  }
}
