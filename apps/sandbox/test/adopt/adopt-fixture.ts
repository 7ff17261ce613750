/** What an application that adopts Posthouse meets: API and worker as processes, between a real Redis and a relay over TLS. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createApiKey, hashApiKey } from '@posthouse/access';
import { Posthouse } from '@posthouse/client';
import { AppProcess, CertificateAuthority, RedisProcess, SmtpServer } from '@posthouse/devkit';

export class AdoptFixture {
  readonly key = createApiKey();
  readonly redis = new RedisProcess();
  /** A temporary folder of the run. */
  dir!: string;
  ca!: CertificateAuthority;
  caFile!: string;
  /** Where the worker delivers to. */
  relay!: SmtpServer;
  apiUrl!: string;
  client!: Posthouse;
  readonly #processes: AppProcess[] = [];

  async start(): Promise<void> {
    this.dir = await mkdtemp(join(tmpdir(), 'posthouse-adopt-'));
    this.ca = await CertificateAuthority.create();
    this.caFile = join(this.dir, 'ca.pem');
    await this.ca.writeCa(this.caFile);
    this.relay = new SmtpServer({ ca: this.ca, mode: 'implicit-tls' });
    await Promise.all([this.redis.start(), this.relay.start()]);
    const shared = {
      ...{ PATH: process.env['PATH'], NODE_ENV: 'production', REDIS_URL: this.redis.url, POSTHOUSE_SECRET: 'a'.repeat(64) },
      TEMPLATES_DIR: fileURLToPath(new URL('../../../../templates', import.meta.url)),
      MAIL_FROM: 'Shop <hello@shop.example>',
    };
    const api = await this.#run(
      'api',
      { ...shared, API_PORT: '0', API_KEYS: `shop:${hashApiKey(this.key)}:send+read-own+content` },
      /"msg":"ready"/,
    );
    await this.#run(
      'worker',
      { ...shared, SMTP_URL: this.relay.url, SMTP_CA_FILE: this.caFile, CONTENT_RETENTION: '1d' },
      /provider check succeeded/,
    );
    this.apiUrl = /http:\/\/[\d.]+:\d+/.exec(api.output.join('\n'))?.[0] as string;
    this.client = new Posthouse({ url: this.apiUrl, key: this.key, tryTimeoutMs: 60_000, timeoutMs: 60_000 });
  }

  async stop(): Promise<void> {
    for (const app of this.#processes.toReversed()) await app.stop();
    await Promise.all([this.redis.stop(), this.relay.stop()]);
    await rm(this.dir, { recursive: true });
  }

  /** Environment of a program that trusts the authority and finds an SMTP server by its settings. */
  settings(server: { port: number; user: string; password: string }): NodeJS.ProcessEnv {
    return {
      ...{ PATH: process.env['PATH'], HOME: this.dir, LANG: 'C.UTF-8' },
      ...{ SMTP_HOST: 'localhost', SMTP_PORT: String(server.port), SMTP_USER: server.user, SMTP_PASSWORD: server.password },
      ...{ SMTP_CA_FILE: this.caFile, SSL_CERT_FILE: this.caFile, NODE_EXTRA_CA_CERTS: this.caFile },
    };
  }

  /** Runs a program. @throws with its output where it fails */
  run([program = '', ...args]: readonly string[], env: NodeJS.ProcessEnv, cwd: string): Promise<string> {
    const all = program === 'php' ? ['-d', `openssl.cafile=${this.caFile}`, ...args] : args;
    return new Promise((resolve, reject) => {
      execFile(program === 'node' ? process.execPath : program, all, { env, cwd, maxBuffer: 2 ** 26 }, (error, stdout, stderr) => {
        if (error === null) resolve(stdout);
        else reject(new Error(`${program} ${args.join(' ')}: ${error.message}\n${stdout}${stderr}`));
      });
    });
  }

  async #run(name: string, env: NodeJS.ProcessEnv, ready: RegExp): Promise<AppProcess> {
    const entry = fileURLToPath(new URL('main.js', import.meta.resolve(`@posthouse/${name}`)));
    const app = new AppProcess({ name, entry, env, readyWhen: (line) => ready.test(line) });
    this.#processes.push(app);
    await app.start();
    return app;
  }
}
