/**
 * All of Posthouse on one machine: Redis with sample data, relay, API, SMTP submission, worker, dashboard and the website, started in this
 * order and stopped in reverse. All but the website are the real processes.
 */
import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { hashApiKey, hashPassword } from '@posthouse/access';
import { defaultPorts, type Service, type Timings } from '@posthouse/contract';
import type { RelayProfile } from '@posthouse/devkit';
import { type HttpService, ServiceGroup } from '@posthouse/runtime';
import type { SandboxConfig } from './config.ts';
import { newCredentials } from './credentials.ts';
import { Inbox } from './inbox/inbox.ts';
import { listenOnPreferredPort, loopback } from './processes/port-preference.ts';
import { PosthouseProcess } from './processes/posthouse-process.ts';
import { ExistingRedis, mailFrom, mailFromDomain, PrivateRedis, Relay, type RelayEnv } from './processes/redis-and-relay.ts';
import { TemplateNews } from './processes/template-news.ts';
import { SampleData } from './sample-data/sample-data.ts';
import { MailApi } from './sign-up/mail-api.ts';
import { Members } from './sign-up/members.ts';
import { websiteService } from './website.ts';

/** Where each part can be reached once the sandbox is up. */
export interface Urls {
  pages: string;
  api: string;
  /** Undefined with --once, which runs without a dashboard. */
  dashboard: string | undefined;
  /** Undefined with --once too. */
  submission: { host: string; port: number; startTlsPort: number } | undefined;
  /** Undefined for a Redis given by REDIS_URL, which may contain a password. */
  redis: string | undefined;
}

export class Sandbox implements Service {
  readonly name = 'sandbox';
  /** An API key, for mails sent by hand. */
  readonly key: string;
  /** The dashboard's only user, with the role admin. */
  readonly admin: { name: string; password: string };
  /** Seals the mails: of this start only, unless POSTHOUSE_SECRET is given beside REDIS_URL. */
  readonly secret: string;
  readonly inbox = new Inbox();
  /** The relay that the SMTP server behaves like, if any. */
  readonly relay: RelayProfile | undefined;
  readonly api: MailApi;
  readonly members: Members;
  readonly #privateRedis: PrivateRedis | undefined;
  readonly #relay: Relay;
  readonly #api: PosthouseProcess;
  readonly #dashboard: PosthouseProcess | undefined;
  readonly #submission: PosthouseProcess | undefined;
  #startTlsPort = 0;
  readonly #website: HttpService;
  readonly #services: ServiceGroup;

  /**
   * @param log writes a line to the terminal
   * @param credentials the API key and the password of the dashboard
   */
  constructor(
    config: Omit<SandboxConfig, 'fresh' | 'folder'>,
    timings: Timings['sandbox'],
    log: (line: string) => void,
    { key, password } = newCredentials(),
  ) {
    this.key = key;
    this.admin = { name: 'admin', password };
    const { logLevel } = config;
    const shown = { logLevel, log, stopTimeoutMs: timings.processStop, templateNews: new TemplateNews() };
    const redis = new PrivateRedis(log);
    this.#privateRedis = config.redis === undefined ? redis : undefined;
    const relay = new Relay((message) => void this.inbox.receive(message), config.relay);
    this.#relay = relay;
    this.relay = config.relay;
    // The name is a new one as well: a Redis given by REDIS_URL may have mails of an earlier sandbox.
    const secret = config.secret ?? `${randomBytes(8).toString('hex')}:${randomBytes(32).toString('hex')}`;
    this.secret = secret;
    const sharedEnv = () => ({
      ...(config.redis?.env ?? { REDIS_URL: redis.url }),
      POSTHOUSE_SECRET: secret,
      TEMPLATES_DIR: fileURLToPath(new URL('../../../templates', import.meta.url)),
    });

    const acceptEnv = {
      API_KEYS: `sandbox:${hashApiKey(this.key)}`,
      MAIL_FROM: mailFrom,
      MAIL_FROM_DOMAINS: [mailFromDomain, ...config.fromDomains].join(','),
    };
    this.#api = new PosthouseProcess({
      name: 'API',
      entry: import.meta.resolve('@posthouse/api'),
      env: () => ({
        ...sharedEnv(),
        API_HOST: loopback,
        ...acceptEnv,
      }),
      readyWhen: ({ port }) => port !== undefined,
      ...shown,
    });
    const worker = new PosthouseProcess({
      name: 'worker',
      entry: import.meta.resolve('@posthouse/worker'),
      env: () => ({ ...sharedEnv(), ...relay.workerEnv }),
      // The line after its login to the relay, successful or not.
      readyWhen: ({ provider }) => provider !== undefined,
      ...shown,
    });
    const dashboard = new PosthouseProcess({
      name: 'dashboard',
      entry: import.meta.resolve('@posthouse/dashboard'),
      env: () => ({ ...sharedEnv(), DASHBOARD_HOST: loopback }),
      readyWhen: ({ port }) => port !== undefined,
      ...shown,
    });
    this.#dashboard = config.once ? undefined : dashboard;
    const submission = new PosthouseProcess({
      name: 'submission',
      entry: import.meta.resolve('@posthouse/submission'),
      env: () => ({ ...sharedEnv(), ...acceptEnv, ...relay.submissionEnv, SUBMISSION_HOST: loopback, SUBMISSION_STARTTLS_PORT: '0' }),
      // The line of the port with STARTTLS comes before that of the one with TLS.
      readyWhen: ({ security, port }) => {
        if (security === 'starttls') this.#startTlsPort = port ?? 0;
        return security === 'tls';
      },
      ...shown,
    });
    this.#submission = config.once ? undefined : submission;

    this.api = new MailApi(() => ({ url: this.urls.api, key: this.key }), timings);
    this.members = new Members(this.api, log);
    this.#website = websiteService({ members: this.members, api: this.api, inbox: this.inbox, log }, config.webPort);
    const apiPort = { server: 'the API', configuredPort: config.apiPort, defaultPort: defaultPorts.api, log };
    const apiService: Service = {
      name: 'API',
      start: () => listenOnPreferredPort(apiPort, (port) => this.#api.start({ API_PORT: String(port) })),
      stop: () => this.#api.stop(),
    };
    const dashboardPort = { server: 'the dashboard', configuredPort: config.dashboardPort, defaultPort: defaultPorts.dashboard, log };
    const dashboardService: Service = {
      name: 'dashboard',
      start: async () => {
        const users = `${this.admin.name}:admin:${await hashPassword(this.admin.password)}`;
        await listenOnPreferredPort(dashboardPort, (port) => dashboard.start({ DASHBOARD_PORT: String(port), DASHBOARD_USERS: users }));
      },
      stop: () => dashboard.stop(),
    };
    const submissionPort = {
      server: 'SMTP submission',
      configuredPort: config.submissionPort,
      defaultPort: defaultPorts.submission.sandbox,
      log,
    };
    const submissionService: Service = {
      name: 'submission',
      start: () => listenOnPreferredPort(submissionPort, (port) => submission.start({ SUBMISSION_TLS_PORT: String(port) })),
      stop: () => submission.stop(),
    };
    const processes = config.once
      ? inParallel('API and worker', [apiService, worker])
      : inParallel('API, submission, worker and dashboard', [apiService, submissionService, worker, dashboardService]);
    // A Redis given by REDIS_URL is neither started nor filled.
    const redisService = config.redis === undefined ? redis : new ExistingRedis(config.redis, secret);
    const sampleData = this.#privateRedis === undefined || config.once ? [] : [new SampleData(() => redis.url, secret)];
    const services = [redisService, ...sampleData, relay, processes, this.#website];
    this.#services = new ServiceGroup(
      this.name,
      services.map((service) => withStartLog(service, log)),
      timings.stop,
    );
  }

  get urls(): Urls {
    return {
      pages: `http://${loopback}:${this.#website.port}`,
      api: `http://${loopback}:${this.#api.port}`,
      dashboard: this.#dashboard && `http://${loopback}:${this.#dashboard.port}`,
      submission: this.#submission && { host: 'localhost', port: this.#submission.port, startTlsPort: this.#startTlsPort },
      redis: this.#privateRedis?.url,
    };
  }

  /** The environment variables by which another worker delivers to the sandbox's relay. */
  get relayEnv(): RelayEnv {
    return this.#relay.workerEnv;
  }

  start(): Promise<void> {
    return this.#services.start();
  }

  stop(): Promise<void> {
    return this.#services.stop();
  }
}

/** Starts and stops services that do not depend on one another at the same time. */
function inParallel(name: string, services: readonly Service[]): Service {
  return {
    name,
    start: async () => void (await Promise.all(services.map((service) => service.start()))),
    stop: async () => void (await Promise.all(services.map((service) => service.stop()))),
  };
}

/** Logs how long the service took to start, in the format of the set-up steps before it. */
function withStartLog(service: Service, log: (line: string) => void): Service {
  return {
    name: service.name,
    start: async () => {
      const startedAt = performance.now();
      await service.start();
      log(`✓ ${service.name} ready ${((performance.now() - startedAt) / 1000).toFixed(1)} s`);
    },
    stop: () => service.stop(),
  };
}
