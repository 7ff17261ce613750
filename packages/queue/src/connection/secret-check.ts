/**
 * Whether the keys of this process are those that the mails in Redis are sealed with. Looked at whenever Redis is reached: at the
 * start, long after it, and after a failover.
 */
import type { OperatorError } from '@posthouse/contract';
import type { Redis } from 'ioredis';
import type { Sealer } from '../record/sealer.ts';
import { secretsKey } from '../redis/keys.ts';

/** POSTHOUSE_SECRET has another key under a name than the one that has sealed mails. */
export class SecretMismatchError extends Error implements OperatorError {
  override readonly name = 'SecretMismatchError';
  readonly forOperator = true;

  constructor(keyId: string) {
    super(
      `POSTHOUSE_SECRET has another key under the name "${keyId}" than the one that sealed the mails in this Redis. ` +
        'Set it to the value that the other processes have, or let REDIS_URL lead to the right Redis. ' +
        `A new key needs a new name: POSTHOUSE_SECRET=<new name>:<new hex>,${keyId}:<old hex>. ` +
        `If no mail is left that the old key sealed, free the name with \`npm run secrets -- forget ${keyId}\`.`,
    );
  }
}

/** The check on one connection. */
export class SecretCheck {
  /** Resolves when a key does not match: the process must stop. */
  readonly failure: Promise<SecretMismatchError>;
  readonly #sealer: Sealer;
  #fail: (error: SecretMismatchError) => void = () => undefined;

  constructor(sealer: Sealer) {
    this.#sealer = sealer;
    this.failure = new Promise((resolve) => {
      this.#fail = resolve;
    });
  }

  /** Begins to check whenever the connection is ready. @param onError called when the values cannot be read */
  attach(redis: Redis, onError: (error: Error) => void): void {
    redis.on('ready', () => void this.run(redis).catch((error: Error) => error instanceof SecretMismatchError || onError(error)));
  }

  /** Checks now. @throws SecretMismatchError, which also resolves `failure`; or what Redis answers */
  async run(redis: Redis): Promise<void> {
    const known = await redis.hgetall(secretsKey);
    for (const [keyId, check] of this.#sealer.checkValues) {
      if (known[keyId] === undefined || known[keyId] === check) continue;
      const error = new SecretMismatchError(keyId);
      this.#fail(error);
      throw error;
    }
  }
}
