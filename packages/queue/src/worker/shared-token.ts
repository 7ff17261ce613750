/**
 * The OAuth access token of one provider in Redis, sealed, for all workers with the same account. Redis expires it, so that no clock of a
 * worker decides how long it is valid. One worker at a time is elected to request the next one.
 */
import { randomUUID } from 'node:crypto';
import type { WorkerConnection } from '../connection/worker-connection.ts';
import { tokenKey, tokenRefusedKey, tokenRenewerKey } from '../redis/keys.ts';
import { withTimeout } from '../redis/queue-unavailable.ts';
import { runScript } from '../redis/script.ts';
import { electTokenRenewer, endTokenRenewal, readToken, storeToken } from './token-scripts.ts';

/** A stored token. */
interface StoredToken {
  /** Distinguishes it from the ones before and after it. */
  id: string;
  /** Undefined where it is sealed with a key that this worker does not have. */
  token: string | undefined;
  /** How long it was valid when it was stored, and how long it still is, in ms. */
  lifetimeMs: number;
  remainingMs: number;
}

/** What an election decided: this worker requests the next token, another one does, or there is another token already, or it is too soon. */
type TokenElection = 'elected' | 'busy' | 'changed' | 'too-soon';

const elections = ['elected', 'busy', 'changed', 'too-soon'] as const satisfies readonly TokenElection[];

/** How one worker sees and renews the token of one provider. Every method throws QueueUnavailable when Redis does not answer in time. */
export class SharedToken {
  readonly #connection: WorkerConnection;
  readonly #context: string;
  readonly #keys: { token: string; renewer: string; refused: string };

  /** @param provider name and account: workers with other credentials have their own token */
  constructor(connection: WorkerConnection, provider: { name: string; account: string }) {
    this.#connection = connection;
    const account = connection.digest(provider.account);
    this.#context = `token:${provider.name}:${account}`;
    this.#keys = {
      token: tokenKey(provider.name, account),
      renewer: tokenRenewerKey(provider.name, account),
      refused: tokenRefusedKey(provider.name, account),
    };
  }

  /** The token that is stored; undefined when there is none. */
  async read(): Promise<StoredToken | undefined> {
    const { redis, sealer } = this.#connection;
    const [id, sealed, lifetime, remaining] = await this.#inTime(runScript(redis, readToken, { token: this.#keys.token }, {}));
    if (id === undefined || sealed === undefined) return undefined;
    let token: string | undefined;
    try {
      token = sealer.decrypt(sealed, `${this.#context}:${id}`);
    } catch {
      token = undefined;
    }
    return { id: String(id), token, lifetimeMs: Number(lifetime), remainingMs: Number(remaining) };
  }

  /**
   * Elects the worker that requests the next token.
   * @param known id of the token that the next one is to replace; '' for none
   * @param leaseMs until another worker may be elected
   * @param refusedMs for a token that was refused before its end: only one is replaced in this time
   */
  async elect(known: string, leaseMs: number, refusedMs = 0): Promise<TokenElection> {
    const { redis, workerId } = this.#connection;
    const args = { known, owner: workerId, lease: leaseMs, pause: refusedMs };
    return elections[await this.#inTime(runScript(redis, electTokenRenewer, this.#keys, args))] as TokenElection;
  }

  /**
   * Stores the next token, and ends the election.
   * @param remainingMs until it ends
   */
  async store(token: string, remainingMs: number): Promise<void> {
    const { redis, workerId, sealer } = this.#connection;
    const id = randomUUID();
    const args = { id, sealed: sealer.seal(token, `${this.#context}:${id}`), lifetime: Math.ceil(remainingMs), owner: workerId };
    const { token: key, renewer } = this.#keys;
    await this.#inTime(runScript(redis, storeToken, { token: key, renewer }, args));
  }

  /** Ends the election without a token: another worker may try. */
  async release(): Promise<void> {
    const { redis, workerId } = this.#connection;
    await this.#inTime(runScript(redis, endTokenRenewal, { renewer: this.#keys.renewer }, { owner: workerId }));
  }

  /** A login must not wait for Redis as long as a worker's other commands do. */
  #inTime<T>(work: Promise<T>): Promise<T> {
    return withTimeout(work, this.#connection.timings.queue.gate);
  }
}
