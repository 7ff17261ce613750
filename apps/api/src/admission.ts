/**
 * Admission control: how many mails a process accepts at a time. Past that a request is answered at once with 503 and Retry-After: if it
 * waited, everybody would wait longer and longer, until every request had timed out before it is answered.
 */
import { limits } from '@posthouse/contract';
import { Problem } from './problem.ts';

/** Counts the mails that are being accepted. */
export class Admission {
  readonly #limit: typeof limits.mailsInProgress;
  #mails = 0;

  /** @param limit `reserve` of the `mails` is kept for requests with a single mail, so that they do not wait for batches */
  constructor(limit: typeof limits.mailsInProgress = limits.mailsInProgress) {
    this.#limit = limit;
  }

  /**
   * Accepts the mails of one request.
   * @param mails how many the request has
   * @throws Problem 503 `overloaded`, before anything is done; or what `accept` throws
   */
  async run<T>(mails: number, accept: () => Promise<T>): Promise<T> {
    const { mails: max, reserve } = this.#limit;
    if (this.#mails + mails > (mails === 1 ? max : max - reserve)) {
      throw new Problem('overloaded', 'Too many mails are being accepted. Nothing was accepted or changed. Try again.');
    }
    this.#mails += mails;
    try {
      return await accept();
    } finally {
      this.#mails -= mails;
    }
  }
}
