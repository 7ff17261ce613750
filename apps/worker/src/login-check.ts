/**
 * Logs in to each provider when the worker starts, and logs whether mail can be sent. A failure does not stop the worker: mails wait
 * until the provider can be used.
 */
import type { Service } from '@posthouse/contract';
import type { ProviderClient } from '@posthouse/delivery';
import type { Logger } from '@posthouse/runtime';

/** The login check of all providers. */
export class LoginCheck implements Service {
  readonly name = 'login check';
  readonly #clients: readonly ProviderClient[];
  readonly #log: Logger;

  constructor(clients: readonly ProviderClient[], log: Logger) {
    this.#clients = clients;
    this.#log = log;
  }

  /** Starts the logins and does not wait for them. */
  async start(): Promise<void> {
    for (const client of this.#clients) {
      this.#check(client).catch((error: Error) =>
        this.#log.error({ provider: client.provider.name, err: { message: error.message, stack: error.stack } }, 'provider check threw'),
      );
    }
  }

  async stop(): Promise<void> {}

  async #check(client: ProviderClient): Promise<void> {
    const { name: provider, host, port } = client.provider;
    const failure = await client.login();
    if (failure === undefined) this.#log.info({ provider, host, port }, 'provider check succeeded');
    else {
      const { reason, detail } = failure;
      this.#log.error({ provider, host, port, reason, err: { message: detail } }, 'provider check failed; mails wait');
    }
  }
}
