/**
 * Who is signed in to the dashboard. A session is a token in a browser's cookie and, in Redis, only the token's SHA-256:
 * who reads Redis cannot sign in with what is found there.
 */
import { createHash, randomBytes } from 'node:crypto';
import type { RequestConnection } from '../connection/request-connection.ts';
import { sessionKey } from '../redis/keys.ts';

/** One that is open. */
export interface Session {
  /** The user's. */
  name: string;
  /** A fingerprint of the password hash that it was opened under: it ends for whoever compares it when the password is changed. */
  proof: string;
  /** ms since the epoch. */
  expiresAt: number;
}

/** All of them. Every method throws QueueUnavailable when Redis does not answer in time. */
export class Sessions {
  readonly #connection: RequestConnection;

  constructor(connection: RequestConnection) {
    this.#connection = connection;
  }

  /**
   * @param ms that it lasts
   * @returns the token, 256 random bits, for the user's browser alone
   */
  async open({ name, proof }: Pick<Session, 'name' | 'proof'>, ms: number): Promise<string> {
    const token = randomBytes(32).toString('base64url');
    const session: Session = { name, proof, expiresAt: Date.now() + ms };
    await this.#connection.run(({ redis }) => redis.set(keyOf(token), JSON.stringify(session), 'PX', ms));
    return token;
  }

  /** The session of a token; undefined when there is none, or it has ended. */
  async find(token: string): Promise<Session | undefined> {
    const session = await this.#connection.run(({ redis }) => redis.get(keyOf(token)));
    return session === null ? undefined : JSON.parse(session);
  }

  /** Ends it. */
  async close(token: string): Promise<void> {
    await this.#connection.run(({ redis }) => redis.del(keyOf(token)));
  }
}

/** The token has too many bits to be guessed, so a fast hash does. */
function keyOf(token: string): string {
  return sessionKey(createHash('sha256').update(token).digest('hex'));
}
