import type { Service } from '@posthouse/contract';
import type { ProviderClient } from '@posthouse/delivery';
import type { Logger } from '@posthouse/runtime';

/**
 * Logs in to each provider as the worker starts and says in one line whether mail can be handed over. A refusal does
 * not stop the worker: mails wait, and the provider may mend.
 */
export class LoginCheck implements Service {
  readonly name = 'login check';
  readonly #clients: readonly ProviderClient[];
  readonly #log: Logger;

  constructor(clients: readonly ProviderClient[], log: Logger) {
    this.#clients = clients;
    this.#log = log;
  }

  /** Does not wait for the servers. */
  async start(): Promise<void> {
    for (const client of this.#clients) {
      this.#check(client).catch((error: Error) =>
        this.#log.error({ reason: error.message }, `the login at ${client.name} could not be tried`),
      );
    }
  }

  async stop(): Promise<void> {}

  async #check(client: ProviderClient): Promise<void> {
    const { name, host, port } = client.pool.provider;
    const found = await client.login();
    if (found === undefined) {
      this.#log.info({ provider: name, host, port }, `provider ${name}: connected over TLS and logged in`);
    } else {
      this.#log.error(
        { provider: name, host, port, code: found.reason },
        `provider ${name} cannot be used: ${found.detail} (${found.reason}). Mails wait until it can.`,
      );
    }
  }
}
