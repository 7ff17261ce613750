/** The slots of a pool: each is a connection in use, or one that is about to be opened. Transactions wait for them in order. */
import { abortable, type WaitSignals } from './abortable.ts';

/** A transaction that waits for a slot. */
type SlotWait = { hasSlot: boolean; take: () => void; fail: (error: Error) => void };

/** Slots that are taken and released. */
export class ConnectionSlots {
  readonly #isFree: (taken: number) => boolean;
  readonly #waiting: SlotWait[] = [];
  #taken = 0;

  /** @param isFree whether one more can be taken when so many are */
  constructor(isFree: (taken: number) => boolean) {
    this.#isFree = isFree;
  }

  /** Slots in use. */
  get taken(): number {
    return this.#taken;
  }

  /** Takes a slot as soon as one is free. @throws WaitAborted when a signal aborts first, or what `failWaiting` was given; no slot is taken then */
  async take(signals: Partial<WaitSignals>): Promise<void> {
    if (this.#isFree(this.#taken)) {
      this.#taken++;
      return;
    }
    const wait: SlotWait = { hasSlot: false, take: () => undefined, fail: () => undefined };
    const taken = new Promise<void>((take, fail) => Object.assign(wait, { take, fail }));
    this.#waiting.push(wait);
    try {
      await abortable(taken, signals);
    } catch (error) {
      const index = this.#waiting.indexOf(wait);
      if (index >= 0) this.#waiting.splice(index, 1);
      // A slot that was handed over in the same moment goes to the next one.
      if (wait.hasSlot) this.release();
      throw error;
    }
  }

  /** Takes a slot although none may be free: for a connection that is being opened already. */
  takeAnyway(): void {
    this.#taken++;
  }

  release(): void {
    this.#taken--;
    this.grant();
  }

  /** Gives free slots to the transactions that wait. To be called when there may be more of them. */
  grant(): void {
    while (this.#isFree(this.#taken)) {
      const next = this.#waiting.shift();
      if (next === undefined) return;
      this.#taken++;
      next.hasSlot = true;
      next.take();
    }
  }

  /** The transactions that wait end with this error. */
  failWaiting(error: Error): void {
    for (const { fail } of this.#waiting.splice(0)) fail(error);
  }
}
