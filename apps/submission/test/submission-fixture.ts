/** SMTP submission in the process of the tests, with a Redis and a certificate of its own. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createApiKey, hashApiKey } from '@posthouse/access';
import type { Durations, MailRecord, Service, SubmissionTimings } from '@posthouse/contract';
import { CertificateAuthority, patientDurations, RedisProcess } from '@posthouse/devkit';
import { MailList, MailQueue, RequestConnection, Sealer, sealKeys } from '@posthouse/queue';
import { createLogger } from '@posthouse/runtime';
import { createSubmission, readConfig } from '../src/submission.ts';
import { SmtpClient } from './smtp-client.ts';

const secret = 'd'.repeat(64);

/** One fixture for each file: `start` before all tests, `stop` after them. */
export class SubmissionFixture {
  readonly redis = new RedisProcess();
  /** A key with the default rights. */
  readonly key = createApiKey();
  /** One that sends from example.org only, and one that may send two mails an hour, and so on; by their rights. */
  readonly limited = new Map<string, string>();
  readonly durations = patientDurations();
  readonly logged: Record<string, unknown>[] = [];
  ca!: CertificateAuthority;
  dir!: string;
  ports!: { tls: number; starttls: number; http: number };
  /** Reads the records. */
  connection!: RequestConnection;
  service!: Service;

  /** @param limited rights of further keys @param timings what differs from the timings of production */
  async start(limited: readonly string[] = [], timings: object = {}): Promise<void> {
    // On a busy machine a message of 25 MB may stop for longer than a client may.
    const submission = { ...this.durations.timings.submission, progress: 120_000, ...timings };
    Object.assign(this.durations.timings, { submission });
    for (const rights of limited) this.limited.set(rights, createApiKey());
    this.ca = await CertificateAuthority.create();
    this.dir = await mkdtemp(join(tmpdir(), 'posthouse-submission-'));
    await Promise.all([this.redis.start(), this.renewCertificate()]);
    await this.startService();
    this.connection = new RequestConnection(this.redis.url, new Sealer(sealKeys(secret)), this.durations, () => undefined);
    await this.connection.start();
  }

  /** What a process is, in this one. */
  async startService(durations: Durations = this.durations): Promise<void> {
    const log = createLogger('submission', 'debug', 'json', (line) => void this.logged.push(JSON.parse(line)));
    this.service = await createSubmission(readConfig(this.env), durations, log);
    await this.service.start();
    const portOf = (security: string) =>
      Number(this.logged.findLast((line) => line['msg'] === 'ready' && line['security'] === security)?.['port']);
    this.ports = { tls: portOf('tls'), starttls: portOf('starttls'), http: portOf('none') };
  }

  async stop(): Promise<void> {
    await this.service.stop();
    await this.connection.stop();
    await this.redis.stop();
    await rm(this.dir, { recursive: true });
  }

  /** Runs something with a second process' worth of submission, which has other timings, on the same Redis. */
  async withTimings(submission: SubmissionTimings, run: (other: SubmissionFixture) => Promise<void>): Promise<void> {
    const { timings, retention } = this.durations;
    const other: SubmissionFixture = Object.assign(Object.create(this), { logged: [] });
    await other.startService({ timings: { ...timings, submission }, retention });
    await run(other);
    await other.service.stop();
  }

  get env(): NodeJS.ProcessEnv {
    const further = [...this.limited].map(([rights, key], n) => `limited-${n}:${hashApiKey(key)}:${rights}`);
    return {
      PATH: process.env['PATH'],
      REDIS_URL: this.redis.url,
      POSTHOUSE_SECRET: secret,
      API_KEYS: [`app:${hashApiKey(this.key)}`, ...further].join(','),
      MAIL_FROM_DOMAINS: 'example.com,example.org',
      SUBMISSION_TLS_PORT: '0',
      SUBMISSION_STARTTLS_PORT: '0',
      SUBMISSION_HTTP_PORT: '0',
      SUBMISSION_CERT_FILE: join(this.dir, 'tls.crt'),
      SUBMISSION_KEY_FILE: join(this.dir, 'tls.key'),
    };
  }

  keyOf(rights: string): string {
    return this.limited.get(rights) ?? '';
  }

  async renewCertificate(): Promise<string> {
    const { certPem, keyPem } = await this.ca.issue({ hosts: ['localhost', '127.0.0.1'] });
    await writeFile(join(this.dir, 'tls.crt'), certPem);
    await writeFile(join(this.dir, 'tls.key'), keyPem);
    return certPem;
  }

  /** A client on one of the ports. @param isTls whether it begins with TLS */
  client(security: 'tls' | 'starttls', isTls = security === 'tls'): SmtpClient {
    return new SmtpClient(this.ports[security], isTls ? this.ca.caPem : undefined);
  }

  /** A client that has read the greeting. */
  async connect(security: 'tls' | 'starttls' = 'tls'): Promise<SmtpClient> {
    const client = this.client(security);
    await client.read();
    return client;
  }

  /** Asks the HTTP port. */
  async http(path: string): Promise<{ status: number; text: string }> {
    const response = await fetch(`http://127.0.0.1:${this.ports.http}${path}`);
    return { status: response.status, text: await response.text() };
  }

  /** A client that has logged in. */
  async logIn(key = this.key): Promise<SmtpClient> {
    const client = await this.connect();
    await client.send('EHLO client.example');
    const reply = await client.send(`AUTH PLAIN ${Buffer.from(`\0any\0${key}`).toString('base64')}`);
    if (!reply.startsWith('235 ')) throw new Error(reply);
    return client;
  }

  /** Sends a message in a transaction of its own. @returns the reply to the dot */
  async submit(message: string | Buffer, { key = this.key, from = 'anne@example.com', to = ['bo@example.net'] } = {}): Promise<string> {
    const client = await this.logIn(key);
    const reply = await client.transaction(from, to, message);
    client.close();
    return reply;
  }

  /** The record of an accepted mail. @param reply `250 2.0.0 queued as <id>` */
  async record(reply: string): Promise<MailRecord> {
    const id = /^250 2\.0\.0 queued as ([0-9a-f-]{36})$/.exec(reply)?.[1];
    const record = id === undefined ? undefined : await new MailQueue(this.connection).read(id, true);
    if (record === undefined) throw new Error(`no mail was accepted: ${reply}`);
    return record;
  }

  /** How many mails were accepted so far. */
  async accepted(): Promise<number> {
    return (await new MailList(this.connection).count({})).mails;
  }
}

/** A message. */
export function message(...header: string[]): string {
  return ['From: Anne <anne@example.com>', 'Subject: Hi', ...header, '', 'Hello.', ''].join('\r\n');
}
