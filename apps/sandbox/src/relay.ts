/**
 * The relay that the worker delivers to: an SMTP server with TLS from the first byte and a login, as a provider has on port 465.
 * Its certificate is signed by an authority made on the spot. The worker is handed that authority's certificate as a
 * file and verifies as in production; nothing is switched off.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Service } from '@posthouse/contract';
import { CertificateAuthority, type ReceivedMessage, SmtpServer } from '@posthouse/devkit';

/** An SMTP server, and the file by which to trust it. */
export class Relay implements Service {
  readonly name = 'relay';
  readonly #onMessage: (message: ReceivedMessage) => void;
  #folder: string | undefined;
  #server: SmtpServer | undefined;

  /** @param onMessage called for each message as it is accepted; the relay itself keeps none */
  constructor(onMessage: (message: ReceivedMessage) => void) {
    this.#onMessage = onMessage;
  }

  /** What the worker needs to know, as its environment has it. */
  get settings(): { SMTP_URL: string; SMTP_CA_FILE: string } {
    if (this.#server === undefined || this.#folder === undefined) throw new Error('The relay has no address yet: start it first');
    return { SMTP_URL: `${this.#server.url}?name=sandbox`, SMTP_CA_FILE: caFile(this.#folder) };
  }

  async start(): Promise<void> {
    this.#folder = await mkdtemp(join(tmpdir(), 'posthouse-sandbox-'));
    const ca = await CertificateAuthority.create('Posthouse sandbox CA');
    await ca.writeCa(caFile(this.#folder));
    this.#server = new SmtpServer({ ca, mode: 'implicit-tls', keep: false });
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
