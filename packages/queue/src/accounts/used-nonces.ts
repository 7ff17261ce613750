/** Which sign-ins by OpenID Connect have been used: each nonce signs in once, whatever the provider and the browser repeat. */
import { createHash } from 'node:crypto';
import type { RequestConnection } from '../connection/request-connection.ts';
import { usedNonceKey } from '../redis/keys.ts';

/** Nonces whose sign-in was complete and valid. Redis has their SHA-256. */
export class UsedNonces {
  readonly #connection: RequestConnection;

  constructor(connection: RequestConnection) {
    this.#connection = connection;
  }

  /**
   * @param ms how long it is kept: at least as long as the sign-in can be completed
   * @returns false where it was used before
   * @throws QueueUnavailable; the nonce may have been stored all the same
   */
  async add(nonce: string, ms: number): Promise<boolean> {
    const key = usedNonceKey(createHash('sha256').update(nonce).digest('hex'));
    return (await this.#connection.run(({ redis }) => redis.set(key, '', 'PX', ms, 'NX'))) === 'OK';
  }
}
