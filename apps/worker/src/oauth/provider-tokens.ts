/**
 * The access tokens of one provider: the one that the workers share in Redis, renewed by one elected worker some time before it ends,
 * while all go on with the old one.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { AccessTokens, Timings } from '@posthouse/contract';
import { ConnectionError } from '@posthouse/delivery';
import type { SharedToken } from '@posthouse/queue';
import type { Logger } from '@posthouse/runtime';
import { requestToken, type TokenSource } from './token-request.ts';

/** One worker's access to the tokens of one provider. */
export class ProviderTokens implements AccessTokens {
  readonly #provider: string;
  readonly #source: TokenSource;
  readonly #shared: SharedToken;
  readonly #timings: Timings['oauth'];
  readonly #log: Logger;
  /** For logins while Redis is down. */
  #last: { token: string; endsAt: number } | undefined;
  #current: Promise<string> | undefined;

  /** @param provider its name */
  constructor(provider: string, source: TokenSource, shared: SharedToken, timings: Timings['oauth'], log: Logger) {
    this.#provider = provider;
    this.#source = source;
    this.#shared = shared;
    this.#timings = timings;
    this.#log = log;
  }

  /** Connections that are opened at the same time share one look. */
  async current(): Promise<string> {
    this.#current ??= this.#stored().finally(() => {
      this.#current = undefined;
    });
    return await this.#current;
  }

  async replace(refused: string): Promise<string | undefined> {
    try {
      const stored = await this.#shared.read();
      if (stored?.token !== undefined && stored.token !== refused) return stored.token;
      return await this.#renew(stored?.id ?? '', this.#timings.replaceInterval);
    } catch (error) {
      if (error instanceof ConnectionError) throw error;
      return undefined;
    }
  }

  async #stored(): Promise<string> {
    try {
      const stored = await this.#shared.read();
      if (stored?.token === undefined) return (await this.#renew(stored?.id ?? '')) ?? '';
      this.#keep(stored.token, stored.remainingMs);
      if (stored.remainingMs < Math.min(this.#timings.renewBefore, stored.lifetimeMs / 4)) this.#renewAhead(stored.id);
      return stored.token;
    } catch (error) {
      if (error instanceof ConnectionError) throw error;
      const last = this.#last;
      if (last !== undefined && last.endsAt > performance.now()) return last.token;
      throw new ConnectionError('AUTH', 'token-unknown', `no access token: ${(error as Error).message}`);
    }
  }

  /**
   * The worker that is elected requests the next token; the login in progress does not wait for it. Where it gets none its lease goes on, so
   * that not every login asks an endpoint that is down.
   */
  #renewAhead(known: string): void {
    const renewal = async () => {
      if ((await this.#shared.elect(known, this.#timings.lease)) === 'elected') await this.#request();
    };
    renewal().catch((error: Error) =>
      this.#log.warn(
        { provider: this.#provider, reason: (error as ConnectionError).code, err: { message: error.message } },
        'access token not renewed',
      ),
    );
  }

  /**
   * Requests the next token, or waits for the worker that does.
   * @param replaceInterval for a token that was refused: only one is replaced in this time, in ms
   * @returns undefined where another one was replaced within that time
   */
  async #renew(known: string, replaceInterval?: number): Promise<string | undefined> {
    const { lease, poll } = this.#timings;
    for (let waited = 0; waited <= 2 * lease; waited += poll) {
      const election = await this.#shared.elect(known, lease, replaceInterval);
      if (election === 'elected') return await this.#requestOrRelease();
      if (election === 'too-soon') return undefined;
      const stored = election === 'changed' ? await this.#shared.read() : undefined;
      if (stored?.token !== undefined) return stored.token;
      await sleep(poll);
    }
    throw new ConnectionError('AUTH', 'token-unreachable', 'no access token: the worker that requests it does not get one');
  }

  /** Without a token all wait for this worker: where it gets none, another one may try at once. */
  async #requestOrRelease(): Promise<string> {
    try {
      return await this.#request();
    } catch (error) {
      await this.#shared.release().catch(() => undefined);
      throw error;
    }
  }

  async #request(): Promise<string> {
    const { token, lifetimeMs } = await requestToken(this.#source, this.#timings);
    const remainingMs = lifetimeMs - Math.min(this.#timings.margin, lifetimeMs / 10);
    this.#keep(token, remainingMs);
    this.#log.info({ provider: this.#provider, validForMs: Math.round(remainingMs) }, 'access token renewed');
    await this.#shared.store(token, remainingMs).catch((error: Error) => {
      this.#log.warn({ provider: this.#provider, err: { message: error.message } }, 'access token not stored');
    });
    return token;
  }

  #keep(token: string, remainingMs: number): void {
    this.#last = { token, endsAt: performance.now() + remainingMs };
  }
}
