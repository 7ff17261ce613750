/**
 * Who is signed in to the dashboard. The token of a session is in a browser's cookie; Redis has only its SHA-256, so that nobody
 * can sign in with what they read in Redis.
 */
import { createHash, randomBytes } from 'node:crypto';
import type { RequestConnection } from '../connection/request-connection.ts';
import { sessionKey } from '../redis/keys.ts';

/** The session of a signed-in user. */
export interface Session {
  /** Of the user. */
  name: string;
  /** A fingerprint of the user's password hash at sign-in. The dashboard compares it, so that a changed password ends the session. */
  proof: string;
  /** ms since the epoch. */
  expiresAt: number;
}

/** Every method throws QueueUnavailable when Redis cannot be reached. */
export class Sessions {
  readonly #connection: RequestConnection;

  constructor(connection: RequestConnection) {
    this.#connection = connection;
  }

  /**
   * @param ms how long the session lasts
   * @returns the token, 256 random bits, for the user's browser alone
   */
  async open({ name, proof }: Pick<Session, 'name' | 'proof'>, ms: number): Promise<string> {
    const token = randomBytes(32).toString('base64url');
    const session: Session = { name, proof, expiresAt: Date.now() + ms };
    await this.#connection.run(({ redis }) => redis.set(keyOf(token), JSON.stringify(session), 'PX', ms));
    return token;
  }

  /** The session of a token; undefined when there is none, or it has expired. */
  async find(token: string): Promise<Session | undefined> {
    const session = await this.#connection.run(({ redis }) => redis.get(keyOf(token)));
    return session === null ? undefined : JSON.parse(session);
  }

  async close(token: string): Promise<void> {
    await this.#connection.run(({ redis }) => redis.del(keyOf(token)));
  }
}

/** A fast hash is enough: a token of 256 random bits cannot be guessed. */
function keyOf(token: string): string {
  return sessionKey(createHash('sha256').update(token).digest('hex'));
}
