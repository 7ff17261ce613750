/** The certificate and its key, read from files again and again: a renewed certificate is used without a restart. */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { createSecureContext } from 'node:tls';
import type { OperatorError, Service } from '@posthouse/contract';
import type { Logger } from '@posthouse/runtime';

/** What a TLS server shows. */
export interface Certificate {
  cert: string;
  key: string;
}

/** Certificate and key cannot be used. */
class CertificateError extends Error implements OperatorError {
  override readonly name = 'CertificateError';
  readonly forOperator = true;
}

/** Watches two PEM files. */
export class CertificateFiles implements Service {
  readonly name = 'certificate';
  readonly #files: { cert: string; key: string };
  readonly #intervalMs: number;
  readonly #log: Logger;
  readonly #listeners: ((certificate: Certificate) => void)[] = [];
  #current: Certificate | undefined;
  #seen = '';
  #timer: NodeJS.Timeout | undefined;

  /** @param intervalMs how often they are read */
  constructor(files: { cert: string; key: string }, intervalMs: number, log: Logger) {
    this.#files = files;
    this.#intervalMs = intervalMs;
    this.#log = log;
  }

  /** The certificate in use. @throws before the start */
  get current(): Certificate {
    if (this.#current === undefined) throw new Error('There is no certificate yet: start it first');
    return this.#current;
  }

  /** When the certificate in use expires, ms since the epoch. */
  get expiresAt(): number {
    return Date.parse(new X509Certificate(this.current.cert).validTo);
  }

  /** The name by which the server greets: the first of the certificate, or that of the machine. */
  get serverName(): string {
    return /DNS:([^,\s*]+)/.exec(new X509Certificate(this.current.cert).subjectAltName ?? '')?.[1] ?? hostname();
  }

  /** @param listener called with each certificate after the first one */
  onChange(listener: (certificate: Certificate) => void): void {
    this.#listeners.push(listener);
  }

  /** @throws CertificateError */
  async start(): Promise<void> {
    const certificate = await this.#read();
    this.#current = certificate;
    this.#seen = certificate.cert + certificate.key;
    this.#timer = setInterval(() => void this.#check(), this.#intervalMs);
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
  }

  /** What cannot be used is logged once; the certificate before stays. */
  async #check(): Promise<void> {
    try {
      const certificate = await this.#read();
      const text = certificate.cert + certificate.key;
      if (text === this.#seen) return;
      this.#seen = text;
      this.#current = certificate;
      for (const listener of this.#listeners) listener(certificate);
      this.#log.info({ expires: new Date(this.expiresAt).toISOString() }, 'certificate replaced');
    } catch (error) {
      const { message } = error as Error;
      if (message !== this.#seen) this.#log.error({ detail: message }, 'certificate not replaced');
      this.#seen = message;
    }
  }

  async #read(): Promise<Certificate> {
    const { cert: certFile, key: keyFile } = this.#files;
    try {
      const [cert, key] = await Promise.all([readFile(certFile, 'utf8'), readFile(keyFile, 'utf8')]);
      if (!new X509Certificate(cert).checkPrivateKey(createPrivateKey(key)))
        throw new Error('SUBMISSION_KEY_FILE is not the private key of the certificate in SUBMISSION_CERT_FILE');
      createSecureContext({ cert, key });
      return { cert, key };
    } catch (error) {
      throw new CertificateError(`The certificate of SMTP submission cannot be used: ${(error as Error).message}`);
    }
  }
}
