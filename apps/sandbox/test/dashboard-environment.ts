/** A dashboard with everything it needs: Redis, a scriptable relay, and the worker and the dashboard as separate processes. */
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { hashPassword, roles } from '@posthouse/access';
import type { MailRecord } from '@posthouse/contract';
import { AppProcess, CertificateAuthority, patientDurations, RedisProcess, SmtpServer } from '@posthouse/devkit';
import { MailQueue, newMailId, newRecord, RequestConnection, Sealer, sealKeys } from '@posthouse/queue';
import { expect, vi } from 'vitest';

const secret = randomBytes(32).toString('hex');
const templatesDir = fileURLToPath(new URL('../../../templates', import.meta.url));

/** The password of every user. There is one user for each role, with the same name. */
export const password = 'correct horse battery';

export class DashboardEnvironment {
  readonly redis = new RedisProcess();
  connection!: RequestConnection;
  smtp!: SmtpServer;
  queue!: MailQueue;
  #dir!: string;
  #processes: AppProcess[] = [];
  #url = '';
  #dashboard: AppProcess | undefined;

  async start(): Promise<void> {
    this.#dir = await mkdtemp(join(tmpdir(), 'posthouse-dashboard-'));
    const ca = await CertificateAuthority.create();
    await ca.writeCa(join(this.#dir, 'ca.pem'));
    this.smtp = new SmtpServer({ ca, mode: 'implicit-tls', keep: false });
    await Promise.all([this.redis.start(), this.smtp.start()]);
    this.connection = new RequestConnection(this.redis.url, new Sealer(sealKeys(secret)), patientDurations(), () => undefined);
    await this.connection.start();
    await this.connection.whenReady();
    this.queue = new MailQueue(this.connection);
    await Promise.all([this.#startWorker(), this.startDashboard()]);
  }

  async stop(): Promise<void> {
    await Promise.all(this.#processes.map((app) => app.stop()));
    await this.connection.stop();
    await Promise.all([this.redis.stop(), this.smtp.stop()]);
    await rm(this.#dir, { recursive: true });
  }

  /** Base URL of the dashboard. */
  get url(): string {
    return this.#url;
  }

  /** The dashboard that was started last. */
  get dashboard(): AppProcess {
    if (this.#dashboard === undefined) throw new Error('The dashboard is not started');
    return this.#dashboard;
  }

  /** Starts the dashboard; a second call starts another one, which `url` then names. */
  async startDashboard(): Promise<AppProcess> {
    const hash = await hashPassword(password);
    const dashboard = await this.#run('dashboard', /"msg":"ready"/, {
      DASHBOARD_PORT: '0',
      DASHBOARD_USERS: roles.map((role) => `${role}:${role}:${hash}`).join(),
    });
    this.#dashboard = dashboard;
    const ready = dashboard.output.find((line) => line.includes('"msg":"ready"')) ?? '';
    this.#url = /http:\/\/[\d.]+:\d+/.exec(ready)?.[0] ?? '';
    return dashboard;
  }

  /** The record of a sign-up mail as the API creates it. */
  mail(address: string): MailRecord {
    const envelope = { from: { address: 'hello@example.com' }, to: [{ address }], cc: [], bcc: [], replyTo: [] };
    const template = { name: 'signup', locale: 'en', data: { nickname: 'Anne', email: address } };
    const content = { template, attachments: [], headers: {} };
    return newRecord(newMailId(), { apiKey: 'test', envelope, content, priority: 'normal', tags: [] }, Date.now());
  }

  async accept(address: string): Promise<string> {
    const record = this.mail(address);
    await this.queue.accept([record]);
    return record.id;
  }

  async state(id: string): Promise<string | undefined> {
    return (await this.queue.read(id))?.state;
  }

  /** Signs in without a browser. @returns the value of the Cookie header */
  async signIn(role: (typeof roles)[number]): Promise<string> {
    let cookies: string[] = [];
    const trySignIn = async () => {
      const response = await this.post('/login', { name: role, password }, '');
      cookies = response.headers.getSetCookie();
      return cookies.some((cookie) => cookie.startsWith('posthouse_session='));
    };
    // A busy dashboard may be too late to check the password. Hooks sign in too, where expect.poll is not allowed.
    await vi.waitFor(async () => expect(await trySignIn()).toBe(true), { timeout: 60_000, interval: 20 });
    return cookies.map((cookie) => cookie.split(';')[0]).join('; ');
  }

  async get(path: string, cookie: string): Promise<Response> {
    return await fetch(this.#url + path, { headers: { cookie }, redirect: 'manual' });
  }

  async post(path: string, form: Record<string, string>, cookie: string): Promise<Response> {
    return await fetch(this.#url + path, {
      method: 'POST',
      body: new URLSearchParams(form),
      headers: { cookie, origin: this.#url },
      redirect: 'manual',
    });
  }

  async #startWorker(): Promise<void> {
    await this.#run('worker', /provider check (succeeded|failed)/, {
      SMTP_URL: `${this.smtp.url}?name=relay-1&pool=5`,
      SMTP_CA_FILE: join(this.#dir, 'ca.pem'),
    });
  }

  async #run(name: 'worker' | 'dashboard', ready: RegExp, env: NodeJS.ProcessEnv): Promise<AppProcess> {
    const app = new AppProcess({
      name,
      entry: fileURLToPath(new URL('main.js', import.meta.resolve(`@posthouse/${name}`))),
      env: {
        PATH: process.env['PATH'],
        NODE_ENV: 'production',
        REDIS_URL: this.redis.url,
        POSTHOUSE_SECRET: secret,
        TEMPLATES_DIR: templatesDir,
        ...env,
      },
      readyWhen: (line) => ready.test(line),
    });
    this.#processes.push(app);
    await app.start();
    return app;
  }
}
