/** The two servers that Posthouse needs: Redis, of the sandbox or given by REDIS_URL, and the SMTP relay that the worker delivers to. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseRedisUrl, type Service, timings } from '@posthouse/contract';
import { CertificateAuthority, type ReceivedMessage, RedisProcess, type RelayProfile, SmtpServer } from '@posthouse/devkit';
import { inspectRedis, Sealer, sealKeys } from '@posthouse/queue';
import type { RedisSettings } from '@posthouse/runtime';
import { loopback } from './port-preference.ts';

/** The sandbox's own Redis. If it exits, the terminal says so. */
export class PrivateRedis extends RedisProcess {
  readonly #log: (line: string) => void;
  #connection: Socket | undefined;

  /** @param log writes a line to the terminal */
  constructor(log: (line: string) => void) {
    super();
    this.#log = log;
  }

  override async start(): Promise<void> {
    await super.start();
    this.#watchForExit();
  }

  override async stop(): Promise<void> {
    this.#connection?.removeAllListeners('close').destroy();
    await super.stop();
  }

  /** Keeps a connection open and reconnects when it is closed. If that fails, Redis has exited. */
  #watchForExit(): void {
    let connected = false;
    this.#connection = connect(this.port, loopback)
      .once('connect', () => {
        connected = true;
      })
      .on('error', () => undefined) // `close` follows
      .once('close', () => {
        if (connected) this.#watchForExit();
        else this.#log('✗ Redis has exited. Start the sandbox again.');
      })
      .resume();
  }
}

/** Where a Redis is that the sandbox does not start. */
export interface GivenRedis {
  settings: RedisSettings;
  /** REDIS_URL and the variables that belong to it. */
  env: NodeJS.ProcessEnv;
}

/** A Redis given by REDIS_URL. It is only looked at: its variables may be those of a sandbox that has ended. */
export class ExistingRedis implements Service {
  readonly name = 'Redis';
  readonly #settings: RedisSettings;
  readonly #secret: string;

  /** @param secret the value of POSTHOUSE_SECRET */
  constructor({ settings }: GivenRedis, secret: string) {
    this.#settings = settings;
    this.#secret = secret;
  }

  /** @throws Error where it cannot be reached, or has mails that another secret of the same name sealed */
  async start(): Promise<void> {
    const { redisUrl, redisAccess } = this.#settings;
    const found = await inspectRedis(redisUrl, new Sealer(sealKeys(this.#secret)), timings, redisAccess).catch((error: Error) => {
      const address = parseRedisUrl(redisUrl).hosts.map(({ host, port }) => `${host}:${port}`);
      throw new Error(
        `REDIS_URL of the environment leads to a Redis that cannot be reached, at ${address.join(', ')}: ${error.message}. It may be that of an ` +
          'earlier sandbox: unset REDIS_URL, and the sandbox starts its own Redis. Where it is one of yours, start it, or correct REDIS_URL.',
      );
    });
    if (found.secretIssue !== undefined) throw new Error(found.secretIssue);
  }

  async stop(): Promise<void> {}
}

/** The sender of the sandbox's mails; relays know its workers by the domain, in EHLO. */
export const mailFromDomain = 'yourhouse.example';
export const mailFrom = `Your House Today <hello@${mailFromDomain}>`;

/** The environment variables of SMTP submission that name its certificate. */
interface CertificateEnv {
  SUBMISSION_CERT_FILE: string;
  SUBMISSION_KEY_FILE: string;
}

/** The environment variables by which a worker sends through the relay. */
export interface RelayEnv {
  SMTP_URL: string;
  SMTP_CA_FILE: string;
  MAIL_FROM: string;
}

/**
 * The relay: an SMTP server with a login, with implicit TLS as a provider has on port 465, or as its profile says. Its certificate is signed by an authority
 * created at the start. The worker gets that authority's certificate as a file and verifies as in production. SMTP submission has a certificate
 * of the same authority.
 */
export class Relay implements Service {
  readonly name = 'relay';
  readonly #onMessage: (message: ReceivedMessage) => void;
  readonly #profile: RelayProfile | undefined;
  #folder: string | undefined;
  #server: SmtpServer | undefined;

  /**
   * @param onMessage called for each accepted message; the relay itself keeps none
   * @param profile the relay that it behaves like
   */
  constructor(onMessage: (message: ReceivedMessage) => void, profile?: RelayProfile) {
    this.#onMessage = onMessage;
    this.#profile = profile;
  }

  get workerEnv(): RelayEnv {
    if (this.#server === undefined || this.#folder === undefined) throw new Error('The relay has no address yet: start it first');
    return { SMTP_URL: `${this.#server.url}?name=sandbox`, SMTP_CA_FILE: caFile(this.#folder), MAIL_FROM: mailFrom };
  }

  get submissionEnv(): CertificateEnv {
    const folder = this.#folder ?? '';
    return { SUBMISSION_CERT_FILE: join(folder, 'submission.crt'), SUBMISSION_KEY_FILE: join(folder, 'submission.key') };
  }

  async start(): Promise<void> {
    this.#folder = await mkdtemp(join(tmpdir(), 'posthouse-sandbox-'));
    const ca = await CertificateAuthority.create('Posthouse sandbox CA');
    await ca.writeCa(caFile(this.#folder));
    const { certPem, keyPem } = await ca.issue({ hosts: ['localhost', loopback] });
    const { SUBMISSION_CERT_FILE: certFile, SUBMISSION_KEY_FILE: keyFile } = this.submissionEnv;
    await Promise.all([writeFile(certFile, certPem), writeFile(keyFile, keyPem, { mode: 0o600 })]);
    this.#server = new SmtpServer({ ca, mode: this.#profile?.mode ?? 'implicit-tls', keep: false, profile: this.#profile });
    this.#server.onMessage(this.#onMessage);
    await this.#server.start();
  }

  async stop(): Promise<void> {
    await this.#server?.stop();
    if (this.#folder !== undefined) await rm(this.#folder, { recursive: true, force: true });
  }
}

function caFile(folder: string): string {
  return join(folder, 'ca.pem');
}
