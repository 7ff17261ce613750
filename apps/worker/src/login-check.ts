import type { Service } from '@posthouse/contract';
import type { SmtpPool } from '@posthouse/delivery';
import type { Logger } from '@posthouse/runtime';

/**
 * Logs in to each provider as the worker starts and says in one line whether mail can be handed over. A refusal does
 * not stop the worker: mails wait, and the provider may mend.
 */
export class LoginCheck implements Service {
  readonly name = 'login check';
  readonly #pools: readonly SmtpPool[];
  readonly #log: Logger;

  constructor(pools: readonly SmtpPool[], log: Logger) {
    this.#pools = pools;
    this.#log = log;
  }

  /** Does not wait for the servers. */
  async start(): Promise<void> {
    for (const pool of this.#pools) void this.#check(pool);
  }

  async stop(): Promise<void> {}

  async #check(pool: SmtpPool): Promise<void> {
    const { name, host, port } = pool.provider;
    try {
      await pool.login();
      this.#log.info({ provider: name, host, port }, `provider ${name}: connected over TLS and logged in`);
    } catch (error) {
      const { code, step, message } = error as Error & { code?: string; step?: string };
      this.#log.error({ provider: name, host, port, code, step }, `provider ${name} cannot be used: ${message}. Mails wait until it can.`);
    }
  }
}
