/** What an application that adopts Posthouse meets: API, SMTP submission and worker as processes, between a real Redis and a relay over TLS. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createApiKey, hashApiKey } from '@posthouse/access';
import { Posthouse } from '@posthouse/client';
import { AppProcess, CertificateAuthority, type ReceivedMessage, RedisProcess, SmtpServer } from '@posthouse/devkit';
import { expect } from 'vitest';

/** How a program finds an SMTP server, apart from its host. */
export interface SmtpSettings {
  port: number;
  user: string;
  password: string;
}

/** The account of the devkit's SMTP server. */
export const relayAccount = { user: 'posthouse', password: 'correct horse' };

export class AdoptFixture {
  /** One for each program: two of them may choose the same idempotency key. */
  readonly keys = Array.from({ length: 40 }, () => createApiKey());
  readonly key = this.keys[0] as string;
  readonly redis = new RedisProcess();
  /** A temporary folder of the run. */
  dir!: string;
  ca!: CertificateAuthority;
  caFile!: string;
  /** Where the worker delivers to. */
  relay!: SmtpServer;
  apiUrl!: string;
  /** Of SMTP submission: with TLS from the first byte, and with STARTTLS. */
  readonly ports = { tls: 0, starttls: 0 };
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
      API_KEYS: this.keys.map((key, n) => `shop-${n}:${hashApiKey(key)}:send+read-all+content`).join(','),
      TEMPLATES_DIR: fileURLToPath(new URL('../../../../templates', import.meta.url)),
      ...{ MAIL_FROM: 'Shop <hello@shop.example>', MAIL_FROM_DOMAINS: 'shop.example,example.com' },
    };
    const { certPem, keyPem } = await this.ca.issue({ hosts: ['localhost', '127.0.0.1'] });
    const certificate = { SUBMISSION_CERT_FILE: join(this.dir, 'cert.pem'), SUBMISSION_KEY_FILE: join(this.dir, 'key.pem') };
    await writeFile(certificate.SUBMISSION_CERT_FILE, certPem);
    await writeFile(certificate.SUBMISSION_KEY_FILE, keyPem);
    await this.#run('api', { ...shared, API_PORT: '0' }, (line) => {
      this.apiUrl = /http:\/\/[\d.]+:\d+/.exec(line)?.[0] ?? this.apiUrl;
      return line.includes('"msg":"ready"');
    });
    await this.#run('submission', { ...shared, ...certificate, SUBMISSION_TLS_PORT: '0', SUBMISSION_STARTTLS_PORT: '0' }, (line) => {
      const { msg, security, port } = JSON.parse(line);
      if (msg === 'ready') this.ports[security as 'tls' | 'starttls'] = port;
      return this.ports.tls > 0 && this.ports.starttls > 0;
    });
    const worker = { ...shared, SMTP_URL: this.relay.url, SMTP_CA_FILE: this.caFile, CONTENT_RETENTION: '1d' };
    await this.#run('worker', worker, (line) => line.includes('provider check succeeded'));
    this.client = new Posthouse({ url: this.apiUrl, key: this.key, tryTimeoutMs: 60_000, timeoutMs: 60_000 });
  }

  async stop(): Promise<void> {
    for (const app of this.#processes.toReversed()) await app.stop();
    await Promise.all([this.redis.stop(), this.relay.stop()]);
    await rm(this.dir, { recursive: true });
  }

  /** Environment of a program that trusts the authority and finds an SMTP server by its settings. */
  environment({ port, user, password }: SmtpSettings): NodeJS.ProcessEnv {
    return {
      ...{ PATH: process.env['PATH'], HOME: this.dir, LANG: 'C.UTF-8' },
      ...{ SMTP_HOST: 'localhost', SMTP_PORT: String(port), SMTP_USER: user, SMTP_PASSWORD: password },
      ...{ SMTP_CA_FILE: this.caFile, SSL_CERT_FILE: this.caFile, NODE_EXTRA_CA_CERTS: this.caFile, CURL_CA_BUNDLE: this.caFile },
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

  /** The message of a mail at the relay, as its receipt names it. */
  async arrived(id: string): Promise<ReceivedMessage> {
    await expect.poll(async () => (await this.client.mails.get(id)).state).toBe('sent');
    const { receipt } = await this.client.mails.get(id);
    return this.relay.messages.find((message) => receipt?.response.endsWith(` ${message.id}`)) as ReceivedMessage;
  }

  async #run(name: string, env: NodeJS.ProcessEnv, readyWhen: (line: string) => boolean): Promise<void> {
    const entry = fileURLToPath(new URL(`../../../${name}/dist/main.js`, import.meta.url));
    const app = new AppProcess({ name, entry, env, readyWhen, startTimeoutMs: 170_000 });
    this.#processes.push(app);
    await app.start();
  }
}
