/** The dashboard with its own Redis: requests by `inject` or, for a browser, over a socket. */
import { fileURLToPath } from 'node:url';
import { hashPassword, type Role, roles } from '@posthouse/access';
import { timings } from '@posthouse/contract';
import { patientDurations, RedisProcess } from '@posthouse/devkit';
import { RequestConnection, Sealer, Sessions, sealKeys } from '@posthouse/queue';
import { createLogger, type Logger } from '@posthouse/runtime';
import { LiveTemplateSet } from '@posthouse/templates/catalogue';
import { loadRenderer, type Renderer } from '@posthouse/templates/render';
import type { FastifyInstance, InjectOptions, LightMyRequestResponse } from 'fastify';
import { buildDashboard } from '../src/server/dashboard-app.ts';
import { proofOf } from '../src/sign-in/accounts.ts';
import { browserName } from '../src/sign-in/browser-name.ts';
import type { OidcSettings } from '../src/sign-in/oidc-settings.ts';
import { users } from '../src/sign-in/users.ts';

/** The password of every test user. Each is named after their role. */
export const password = 'correct horse';

export const templatesDir = fileURLToPath(new URL('../../../templates', import.meta.url));

/** A hash takes a quarter of a second of CPU time: it is made once for all files that one process runs. */
const hash = await hashPassword(password);

let compiled: Promise<Renderer> | undefined;

/** The templates of the project are compiled once for all files that one process runs. */
function load(dir: string): Promise<Renderer> {
  if (dir !== templatesDir) return loadRenderer(dir);
  compiled ??= loadRenderer(dir);
  return compiled;
}

/** The cookies that an answer sets, as a browser sends them. */
export function cookieOf({ cookies }: LightMyRequestResponse): string {
  return cookies.map(({ name, value }) => `${name}=${value}`).join('; ');
}

export class DashboardFixture {
  readonly redis = new RedisProcess();
  readonly sealer = new Sealer(sealKeys('d'.repeat(64)));
  readonly #durations = patientDurations();
  connection!: RequestConnection;
  templates!: LiveTemplateSet<Renderer>;
  app!: FastifyInstance;

  /** @param oidc single sign-on, where a test has it @param dir of the templates */
  async start(oidc?: OidcSettings, log?: Logger, dir = templatesDir): Promise<void> {
    this.templates = await LiveTemplateSet.load({
      dir,
      load,
      timings: timings.templateSet,
      log: createLogger('dashboard', 'silent'),
    });
    await this.redis.start();
    this.#durations.timings.dashboard = { ...timings.dashboard, signInSlowdown: { initial: 1, max: 2 } };
    this.connection = new RequestConnection(this.redis.url, this.sealer, this.#durations, () => undefined);
    await this.connection.start();
    this.app = await this.build(password, oidc, log);
    await this.ready();
  }

  /** Another dashboard on the same Redis. @param own password of its users in the environment; undefined for a dashboard without any */
  async build(own?: string, oidc?: OidcSettings, log = createLogger('dashboard', 'silent')): Promise<FastifyInstance> {
    const ownHash = own === password ? hash : own && (await hashPassword(own));
    return await buildDashboard({
      connection: this.connection,
      trustedProxies: ['127.0.0.1'],
      users: ownHash === undefined ? new Map() : users(roles.map((role) => `${role}:${role}:${ownHash}`).join()),
      templates: this.templates,
      oidc,
      log,
    });
  }

  async stop(): Promise<void> {
    await this.app.close();
    await this.connection.stop();
    await this.redis.stop();
  }

  /** Freezes Redis, and continues it when the function has run; meanwhile a request waits for it as long as in production. */
  async withFrozenRedis(run: () => Promise<void>): Promise<void> {
    const { queue } = this.#durations.timings;
    const patientMs = queue.command;
    await this.redis.kill('SIGSTOP');
    queue.command = timings.queue.command;
    try {
      await run();
    } finally {
      queue.command = patientMs;
      await this.redis.kill('SIGCONT');
    }
  }

  /** Resolves when Redis responds. */
  async ready(): Promise<void> {
    while (!(await this.connection.isReady())) await new Promise((resolve) => setImmediate(resolve));
  }

  /** Sends a form from our own page, unless the headers say otherwise. */
  post(url: string, form: Record<string, string>, headers: Record<string, string> = {}): Promise<LightMyRequestResponse> {
    return this.app.inject({
      method: 'POST',
      url,
      payload: new URLSearchParams(form).toString(),
      headers: { 'content-type': 'application/x-www-form-urlencoded', 'sec-fetch-site': 'same-origin', ...headers },
    });
  }

  /** A session as a sign-in opens it, without the check of the password, which takes a quarter of a second. @returns its cookie header */
  async signIn(role: Role): Promise<string> {
    const from = { address: '127.0.0.1', browser: browserName(undefined) };
    const token = await new Sessions(this.connection).open({ name: role, roleSource: 'users', proof: proofOf(hash), ...from });
    return `posthouse_session=${token}`;
  }

  get(url: string, cookie = '', headers: InjectOptions['headers'] = {}): Promise<LightMyRequestResponse> {
    return this.app.inject({ url, headers: { cookie, ...headers } });
  }

  /** @returns the URL on which the dashboard now listens */
  listen(): Promise<string> {
    return this.app.listen({ host: '127.0.0.1', port: 0 });
  }
}
