/**
 * Logs in to each provider when the worker starts, and logs whether mail can be sent. A failure does not stop the worker: mails go
 * through another provider, or wait until one can be used.
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
    void this.#checkAll();
  }

  async stop(): Promise<void> {}

  async #checkAll(): Promise<void> {
    const results = await Promise.all(
      this.#clients.map((client) =>
        this.#check(client).catch((error: Error) => {
          this.#log.error({ provider: client.provider.name, err: { message: error.message, stack: error.stack } }, 'provider check threw');
          return 'unknown' as const;
        }),
      ),
    );
    // Where one works, it takes the mails of the others.
    if (results.every((result) => result === 'failed')) this.#log.error('no provider passed its check; mails wait');
  }

  async #check(client: ProviderClient): Promise<'passed' | 'failed'> {
    const { name: provider, host, port } = client.provider;
    const failure = await client.login();
    if (failure === undefined) {
      this.#log.info({ provider, host, port }, 'provider check succeeded');
      return 'passed';
    }
    const { reason, meaning, detail } = failure;
    this.#log.error({ provider, host, port, reason, meaning, err: { message: detail } }, 'provider check failed');
    return 'failed';
  }
}
