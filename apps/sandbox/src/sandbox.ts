/**
 * All of Posthouse on one machine: Redis with an hour of mail in it, relay, API, worker, dashboard and the pages, started in that
 * order and stopped in the reverse. API, worker and dashboard are the real processes; key, secret and password are made on the
 * spot and live as long as the sandbox.
 */
import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { createApiKey, hashApiKey, hashPassword } from '@posthouse/access';
import type { Service } from '@posthouse/contract';
import { ServiceGroup } from '@posthouse/runtime';
import type { SandboxConfig } from './config.ts';
import { Inbox } from './inbox.ts';
import { MailApi } from './mail-api.ts';
import { listenWhereFree, loopback } from './port-choice.ts';
import { PosthouseProcess } from './posthouse-process.ts';
import { PrivateRedis } from './private-redis.ts';
import { Relay } from './relay.ts';
import { SampleData } from './sample-data.ts';
import { SignUp } from './sign-up.ts';
import { buildPages, WebServer } from './web-server.ts';

/** Where to look, once the sandbox is up. */
export interface Urls {
  pages: string;
  api: string;
  /** Undefined with --once: nobody is there to look. */
  dashboard: string | undefined;
  /** Undefined for somebody's own Redis, whose URL may hold a password. */
  redis: string | undefined;
}

/** ms that stopping everything may take; a worker may have a mail in hand. */
const stopDeadline = 20_000;

/** The sandbox. */
export class Sandbox implements Service {
  readonly name = 'sandbox';
  /** A key to the API, for whoever wants to send a mail of their own. */
  readonly key = createApiKey();
  /** Of the dashboard's one user, who may do everything. */
  readonly operator = { name: 'operator', password: randomBytes(9).toString('base64url') };
  readonly inbox = new Inbox();
  readonly api: MailApi;
  readonly signUp: SignUp;
  readonly #ownRedis: PrivateRedis | undefined;
  readonly #apiProcess: PosthouseProcess;
  readonly #dashboardProcess: PosthouseProcess | undefined;
  readonly #web: WebServer;
  readonly #services: ServiceGroup;

  /** @param tell says something to the person at the terminal */
  constructor(config: SandboxConfig, tell: (line: string) => void) {
    const { logLevel } = config;
    const redis = new PrivateRedis(tell);
    this.#ownRedis = config.redisUrl === undefined ? redis : undefined;
    const redisUrl = () => config.redisUrl ?? redis.url;
    const relay = new Relay((message) => void this.inbox.receive(message));
    const shared = {
      POSTHOUSE_SECRET: randomBytes(32).toString('hex'),
      TEMPLATES_DIR: fileURLToPath(new URL('../../../templates', import.meta.url)),
    };

    this.#apiProcess = new PosthouseProcess({
      name: 'API',
      entry: import.meta.resolve('@posthouse/api'),
      settings: () => ({
        ...shared,
        REDIS_URL: redisUrl(),
        API_HOST: loopback,
        API_KEYS: `sandbox:${hashApiKey(this.key)}`,
        MAIL_FROM: 'Your House Today <hello@yourhouse.example>',
      }),
      readyWhen: ({ port }) => port !== undefined,
      logLevel,
      tell,
    });
    const worker = new PosthouseProcess({
      name: 'worker',
      entry: import.meta.resolve('@posthouse/worker'),
      settings: () => ({ ...shared, REDIS_URL: redisUrl(), ...relay.settings }),
      // By then it takes mails, and has said whether the relay lets it in.
      readyWhen: ({ provider }) => provider !== undefined,
      logLevel,
      tell,
    });
    const dashboard = new PosthouseProcess({
      name: 'dashboard',
      entry: import.meta.resolve('@posthouse/dashboard'),
      settings: () => ({ ...shared, REDIS_URL: redisUrl(), DASHBOARD_HOST: loopback }),
      readyWhen: ({ port }) => port !== undefined,
      logLevel,
      tell,
    });
    this.#dashboardProcess = config.once ? undefined : dashboard;

    this.api = new MailApi(() => ({ url: this.urls.api, key: this.key }));
    this.signUp = new SignUp(this.api, tell);
    this.#web = new WebServer(() => buildPages(this, tell), { who: 'the sign-up page', acceptedMail: config.webPort, usual: 3080, tell });
    const apiPort = { who: 'the API', acceptedMail: config.apiPort, usual: 3000, tell };
    const api: Service = {
      name: 'API',
      start: () => listenWhereFree(apiPort, (port) => this.#apiProcess.start({ API_PORT: String(port) })),
      stop: () => this.#apiProcess.stop(),
    };
    const dashboardPort = { who: 'the dashboard', acceptedMail: config.dashboardPort, usual: 3001, tell };
    const watched: Service = {
      name: 'dashboard',
      start: async () => {
        const users = `${this.operator.name}:admin:${await hashPassword(this.operator.password)}`;
        await listenWhereFree(dashboardPort, (port) => dashboard.start({ DASHBOARD_PORT: String(port), DASHBOARD_USERS: users }));
      },
      stop: () => dashboard.stop(),
    };
    const processes = config.once
      ? together('API and worker', [api, worker])
      : together('API, worker and dashboard', [api, worker, watched]);
    // Somebody's own Redis is left as it is.
    const own = this.#ownRedis === undefined ? [] : [this.#ownRedis];
    const history = this.#ownRedis === undefined || config.once ? [] : [new SampleData(redisUrl, shared.POSTHOUSE_SECRET)];
    const services = [...own, ...history, relay, processes, this.#web];
    this.#services = new ServiceGroup(
      this.name,
      services.map((service) => reportingStart(service, tell)),
      stopDeadline,
    );
  }

  get urls(): Urls {
    return {
      pages: `http://${loopback}:${this.#web.port}`,
      api: `http://${loopback}:${this.#apiProcess.port}`,
      dashboard: this.#dashboardProcess && `http://${loopback}:${this.#dashboardProcess.port}`,
      redis: this.#ownRedis?.url,
    };
  }

  start(): Promise<void> {
    return this.#services.start();
  }

  stop(): Promise<void> {
    return this.#services.stop();
  }
}

/** Services that do not need one another: each of them takes a while to come up. */
function together(name: string, services: readonly Service[]): Service {
  return {
    name,
    start: async () => void (await Promise.all(services.map((service) => service.start()))),
    stop: async () => void (await Promise.all(services.map((service) => service.stop()))),
  };
}

/** A service that says when it is up, and how long that took, in the manner of the set-up before it. */
function reportingStart(service: Service, tell: (line: string) => void): Service {
  return {
    name: service.name,
    start: async () => {
      const begun = performance.now();
      await service.start();
      tell(`✓ ${service.name} ${((performance.now() - begun) / 1000).toFixed(1)} s`);
    },
    stop: () => service.stop(),
  };
}
