/** What is measured: the real API and worker processes of Posthouse, on a Redis of their own that is configured as in production. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createApiKey, hashApiKey } from '@posthouse/access';
import { AppProcess, CertificateAuthority, patientDurations, RedisProcess } from '@posthouse/devkit';
import { QueueOverview, RequestConnection, Sealer, sealKeys } from '@posthouse/queue';
import { Redis } from 'ioredis';
import { Pool } from 'undici';
import type { SmtpSettings, SmtpTarget } from './smtp-target.ts';

const secret = 'b'.repeat(64);
const sender = 'Your House Today <hello@example.com>';

const packages = {
  api: import.meta.resolve('@posthouse/api'),
  submission: import.meta.resolve('@posthouse/submission'),
  worker: import.meta.resolve('@posthouse/worker'),
};

/** The templates of the project. */
export const templatesDir = fileURLToPath(new URL('../../../../templates', import.meta.url));

/** The one mail that is sent: the sign-up mail, 30 KB of HTML, with less than 100 bytes of data. */
export function mailTo(address: string, priority = 'normal'): object {
  return { to: address, template: 'signup', locale: 'en', priority, data: { nickname: 'Anne', email: 'anne@example.net' } };
}

/** Redis, API and workers. */
export class Posthouse {
  readonly redisServer = new RedisProcess();
  readonly smtp: SmtpTarget;
  /** For `--profile`: the folder that the processes write CPU profiles to. */
  readonly #profiles: string | undefined;
  readonly #key = createApiKey();
  readonly #workers: AppProcess[] = [];
  #dir = '';
  #api: AppProcess | undefined;
  #submission: AppProcess | undefined;
  #client: Pool | undefined;
  #connection: RequestConnection | undefined;
  redis!: Redis;
  overview!: QueueOverview;

  constructor(smtp: SmtpTarget, profiles: string | undefined) {
    this.smtp = smtp;
    this.#profiles = profiles;
  }

  /** @param clients connections to the API, each with one request at a time */
  async start(clients: number): Promise<void> {
    this.#dir = await mkdtemp(join(tmpdir(), 'posthouse-bench-'));
    await this.redisServer.start();
    this.redis = new Redis(this.redisServer.port);
    // Only counts mails, also on a machine that is too busy for the deadlines of production.
    this.#connection = new RequestConnection(this.redisServer.url, new Sealer(sealKeys(secret)), patientDurations(), () => undefined);
    await this.#connection.start();
    await this.#connection.whenReady();
    this.overview = new QueueOverview(this.#connection);
    let port = 0;
    this.#api = this.#process('api', { API_PORT: '0', API_KEYS: `bench:${hashApiKey(this.#key)}` }, (line) => {
      // Other lines may follow it.
      port ||= Number(/"port":(\d+)/.exec(line)?.[1] ?? 0);
      return port > 0;
    });
    await this.#api.start();
    this.#client = new Pool(`http://127.0.0.1:${port}`, { connections: clients });
    while ((await this.#client.request({ path: '/readyz', method: 'GET' }).then(drained)) !== 200);
  }

  async stop(): Promise<void> {
    await this.stopWorkers();
    await this.#client?.close();
    await this.#api?.stop();
    await this.#submission?.stop();
    await this.#connection?.stop();
    this.redis?.disconnect();
    await this.redisServer.stop();
    if (this.#dir !== '') await rm(this.#dir, { recursive: true });
  }

  get apiPid(): number {
    return this.#api?.pid as number;
  }

  get submissionPid(): number {
    return this.#submission?.pid as number;
  }

  /** Starts SMTP submission. @returns how a client reaches it */
  async startSubmission(): Promise<SmtpSettings> {
    const ca = await CertificateAuthority.create();
    const { certPem, keyPem } = await ca.issue({ hosts: ['localhost'] });
    const [certFile, keyFile] = [join(this.#dir, 'tls.crt'), join(this.#dir, 'tls.key')];
    await Promise.all([writeFile(certFile, certPem), writeFile(keyFile, keyPem)]);
    let port = 0;
    const env = {
      SUBMISSION_CERT_FILE: certFile,
      SUBMISSION_KEY_FILE: keyFile,
      SUBMISSION_TLS_PORT: '0',
      SUBMISSION_STARTTLS_PORT: '0',
      API_KEYS: `bench:${hashApiKey(this.#key)}`,
    };
    this.#submission = this.#process('submission', env, (line) => {
      const ready = JSON.parse(line);
      if (ready.security === 'tls') port = ready.port;
      return port > 0;
    });
    await this.#submission.start();
    return { host: 'localhost', port, secure: true, auth: { user: 'bench', pass: this.#key }, ca: ca.caPem };
  }

  /** Starts a worker. Resolves when it has logged in to the SMTP server. @returns its process id */
  async startWorker(smtp = this.smtp): Promise<number> {
    const caFile = join(this.#dir, 'ca.pem');
    if (smtp.ca !== undefined) await smtp.ca.writeCa(caFile);
    const env = { SMTP_URL: smtp.url, ...(smtp.ca !== undefined && { SMTP_CA_FILE: caFile }) };
    const worker = this.#process('worker', env, (line) => line.includes('provider check succeeded'));
    this.#workers.push(worker);
    await worker.start();
    return worker.pid as number;
  }

  async stopWorkers(): Promise<void> {
    await Promise.all(this.#workers.splice(0).map((worker) => worker.stop()));
  }

  /** One request. @throws when it is not accepted */
  async post(path: '/v1/mails' | '/v1/mails/batch', body: object, tries = 20): Promise<void> {
    const headers = { authorization: `Bearer ${this.#key}`, 'content-type': 'application/json' };
    const response = await (this.#client as Pool).request({ path, method: 'POST', headers, body: JSON.stringify(body) });
    if (response.statusCode === 202) return void (await response.body.dump());
    // The machine is too busy for the deadline of a request.
    if (response.statusCode === 503 && tries > 1) return void (await response.body.dump().then(() => this.post(path, body, tries - 1)));
    throw new Error(`${path} answered ${response.statusCode}: ${await response.body.text()}`);
  }

  #process(app: keyof typeof packages, env: NodeJS.ProcessEnv, readyWhen: (line: string) => boolean): AppProcess {
    const entry = fileURLToPath(new URL('main.js', packages[app]));
    const profiling = this.#profiles === undefined ? [] : ['--cpu-prof', '--cpu-prof-dir', join(this.#profiles, app)];
    const [first = entry, ...args] = [...profiling, entry];
    return new AppProcess({
      name: app,
      entry: first,
      args,
      env: {
        NODE_ENV: 'production',
        REDIS_URL: this.redisServer.url,
        POSTHOUSE_SECRET: secret,
        TEMPLATES_DIR: templatesDir,
        MAIL_FROM: sender,
        ...env,
      },
      readyWhen,
    });
  }
}

async function drained({ statusCode, body }: { statusCode: number; body: { dump(): Promise<unknown> } }): Promise<number> {
  await body.dump();
  return statusCode;
}
