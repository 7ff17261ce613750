/**
 * Connections that are opened while their mails are still being read and composed. A mail takes one that is not open yet, too; what no mail
 * has taken when it is open becomes an idle connection.
 */
import type { SmtpSession } from './smtp-session.ts';

/** The connections of a pool that are being opened ahead. */
export class ConnectionsAhead {
  readonly #connect: () => Promise<SmtpSession>;
  readonly #keep: (session: SmtpSession) => void;
  readonly #opening: Promise<SmtpSession>[] = [];
  #expected = 0;

  /** @param keep is given a connection that no mail has taken */
  constructor(connect: () => Promise<SmtpSession>, keep: (session: SmtpSession) => void) {
    this.#connect = connect;
    this.#keep = keep;
  }

  /** How many are being opened. */
  get size(): number {
    return this.#opening.length;
  }

  /** Mails that will need a connection soon. */
  get expected(): number {
    return this.#expected;
  }

  /** A mail will need a connection. @returns to be called once: when it asks for one, or needs none */
  expect(): () => void {
    this.#expected++;
    return () => {
      this.#expected--;
    };
  }

  /** Begins to open one. A failure of one that no mail takes is left to the next mail to find out. */
  open(): void {
    const opening = this.#connect();
    this.#opening.push(opening);
    opening.then(
      (session) => {
        if (this.#remove(opening)) this.#keep(session);
      },
      () => this.#remove(opening),
    );
  }

  /** @returns one that is being opened, for the mail that asks; undefined where there is none */
  take(): Promise<SmtpSession> | undefined {
    return this.#opening.shift();
  }

  #remove(opening: Promise<SmtpSession>): boolean {
    const index = this.#opening.indexOf(opening);
    if (index >= 0) this.#opening.splice(index, 1);
    return index >= 0;
  }
}
