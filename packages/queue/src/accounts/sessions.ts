/**
 * Who is signed in to the dashboard. The token of a session is in a browser's cookie; Redis has only its SHA-256, so that nobody
 * can sign in with what they read in Redis. What a session holds is sealed for it, so that nobody can make one by writing to Redis.
 */
import { createHash, randomBytes } from 'node:crypto';
import type { Role } from '@posthouse/access';
import { limits } from '@posthouse/contract';
import type { RequestConnection } from '../connection/request-connection.ts';
import { sessionKey, sessionsKey } from '../redis/keys.ts';
import { runScript } from '../redis/script.ts';
import { openSession, useSession } from './account-scripts.ts';

/** What a session is opened with. */
export interface NewSession {
  /** Of the user. */
  name: string;
  /**
   * Where the user's role comes from: `users` are those of DASHBOARD_USERS and of Redis, which are looked up at each request; `provider` is
   * single sign-on, which states the role once.
   */
  roleSource: 'users' | 'provider';
  /** What `provider` stated at sign-in. */
  role?: Role;
  /** A fingerprint of what the user signed in with. The dashboard compares it, so that a changed password, or other settings of
   * single sign-on, end the session. */
  proof: string;
  /** The network address that the user signed in from. */
  address: string;
  /** The browser in short, such as `Firefox on Linux`; never a text that the browser has sent. */
  browser: string;
}

/** The session of a signed-in user. Times are in ms since the epoch, by the clock of Redis. */
export interface Session extends NewSession {
  /** The SHA-256 of the token in hex. Nobody can sign in with it. */
  id: string;
  openedAt: number;
  expiresAt: number;
  /** When it was last used, to within a minute. */
  usedAt: number;
}

/** Identifies a session without its token. A fast hash is enough: a token of 256 random bits cannot be guessed. */
export function sessionIdOf(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

/** Every method throws QueueUnavailable when Redis cannot be reached. */
export class Sessions {
  readonly #connection: RequestConnection;

  constructor(connection: RequestConnection) {
    this.#connection = connection;
  }

  /** How long a session lasts, in ms. */
  get lifetimeMs(): number {
    return this.#connection.retention.session;
  }

  /**
   * Opens a session. The oldest one of the user, or of all, ends where there are too many.
   * @returns the token, 256 random bits, for the user's browser alone
   */
  async open(session: NewSession): Promise<string> {
    const token = randomBytes(32).toString('base64url');
    const id = sessionIdOf(token);
    // Processes may have different clocks, and the oldest session must not be the one that was just opened.
    const openedAt = await this.#now();
    const times = { openedAt, expiresAt: openedAt + this.lifetimeMs };
    const data = this.#connection.sealer.seal(JSON.stringify({ ...session, ...times }), contextOf(id));
    const keys = { session: sessionKey(id), sessions: sessionsKey };
    await this.#connection.run(({ redis }) => runScript(redis, openSession, keys, { id, data, lifetime: this.lifetimeMs }));
    // The new one stays, also where others were opened in the same millisecond.
    const others = (await this.list()).filter((other) => other.id !== id);
    const own = others.filter(({ name }) => name === session.name);
    for (const { id } of [...own.slice(limits.sessions.ofUser - 1), ...others.slice(limits.sessions.all - 1)]) await this.end(id);
    return token;
  }

  /** The session of a token; undefined when there is none, it has ended, or it cannot be read with this POSTHOUSE_SECRET. */
  async find(token: string): Promise<Session | undefined> {
    const session = await this.#read(sessionIdOf(token));
    if (session !== undefined && (await this.#now()) - session.usedAt > this.#connection.timings.dashboard.sessionUse)
      await this.#connection.run(({ redis }) => runScript(redis, useSession, { session: sessionKey(session.id) }, {}));
    return session;
  }

  /** All sessions that have not ended, the newest first. */
  async list(): Promise<Session[]> {
    const ids = await this.#connection.run(({ redis }) => redis.zrange(sessionsKey, '0', '-1'));
    const sessions = await Promise.all(ids.map((id) => this.#read(id)));
    return sessions.filter((session) => session !== undefined).sort((a, b) => b.openedAt - a.openedAt || (a.id < b.id ? -1 : 1));
  }

  /** Ends a session; its next request is not signed in. */
  async end(id: string): Promise<void> {
    await this.#connection.run(({ redis }) => Promise.all([redis.del(sessionKey(id)), redis.zrem(sessionsKey, id)]));
  }

  /** Ends the sessions of a user. @param except the id of one that stays @returns how many ended */
  async endAll(name: string, except?: string): Promise<number> {
    const ending = (await this.list()).filter((session) => session.name === name && session.id !== except);
    await Promise.all(ending.map(({ id }) => this.end(id)));
    return ending.length;
  }

  /** By the clock of Redis. */
  async #now(): Promise<number> {
    return await this.#connection.run(({ clock }) => clock.now());
  }

  async #read(id: string): Promise<Session | undefined> {
    const { data, usedAt } = await this.#connection.run(({ redis }) => redis.hgetallBuffer(sessionKey(id)));
    if (data === undefined || usedAt === undefined) return undefined;
    const now = await this.#now();
    try {
      const session = { ...JSON.parse(this.#connection.sealer.decrypt(data, contextOf(id))), id, usedAt: Number(usedAt) };
      // Redis deletes it then, unless somebody has changed that.
      return session.expiresAt > now ? session : undefined;
    } catch {
      // It was altered, or sealed with a key that this process does not have: the user signs in again.
      return undefined;
    }
  }
}

function contextOf(id: string): string {
  return `session/${id}`;
}
