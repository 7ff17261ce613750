/** The open connections of a pool that no mail uses. Each is closed after a while, before the server would close it. */
import type { SmtpSession } from './smtp-session.ts';

/** Idle connections; the one that was used last is taken first, so that the others can end. */
export class IdleConnections {
  readonly #idleMs: number;
  readonly #kept: { session: SmtpSession; timer: NodeJS.Timeout }[] = [];

  /** @param idleMs how long a connection is kept, ms */
  constructor(idleMs: number) {
    this.#idleMs = idleMs;
  }

  get size(): number {
    return this.#kept.length;
  }

  /** Keeps a usable connection. */
  keep(session: SmtpSession): void {
    this.#kept.push({ session, timer: setTimeout(() => this.#close(session), this.#idleMs) });
  }

  /** @returns a connection that the server has not ended, which is not idle any more; undefined where there is none */
  take(): SmtpSession | undefined {
    for (let kept = this.#kept.pop(); kept !== undefined; kept = this.#kept.pop()) {
      clearTimeout(kept.timer);
      if (kept.session.usable) return kept.session;
    }
    return undefined;
  }

  /** Closes the connections that were used least recently. @param count how many; default: all */
  close(count = this.#kept.length): void {
    for (const { session, timer } of this.#kept.splice(0, Math.max(count, 0))) {
      clearTimeout(timer);
      session.quit();
    }
  }

  #close(session: SmtpSession): void {
    const index = this.#kept.findIndex((kept) => kept.session === session);
    if (index >= 0) this.#kept.splice(index, 1);
    session.quit();
  }
}
