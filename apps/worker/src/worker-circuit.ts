/**
 * A provider's circuit as one worker sees it: the one that all workers share, and one of its own. A failure that this worker may have alone
 * (its look-up, its network, its clock, its SMTP_CA_FILE) opens its own: it puts its mails back, others take them, and it probes without an election.
 * Where the cause is the provider after all, every worker finds that out for itself.
 */
import type { Backoff, Circuit } from '@posthouse/contract';
import type { ProviderCircuit } from '@posthouse/queue';

/** Both circuits of a provider. */
export class WorkerCircuit implements Circuit {
  readonly shared: ProviderCircuit;
  /** Called when this worker's own circuit has opened. */
  onOpen: () => void = () => undefined;
  #failures = 0;
  /** The wait before the last probe, in ms; kept until a mail has been accepted. */
  #waitMs: number | undefined;
  /** When the next probe is due, by the clock of `performance.now`; undefined while the worker's own circuit is closed. */
  #probeAt: number | undefined;
  #reason: string | undefined;

  readonly #isPaused: () => boolean;

  /** @param isPaused whether a user has paused the provider: it is not used then, and not probed for that */
  constructor(shared: ProviderCircuit, isPaused: () => boolean = () => false) {
    this.shared = shared;
    this.#isPaused = isPaused;
  }

  get isOpen(): boolean {
    return this.#isPaused() || this.shared.isOpen || this.localFailure !== undefined;
  }

  /** Why this worker alone does not use the provider, as a code. */
  get localFailure(): string | undefined {
    return this.#probeAt === undefined ? undefined : this.#reason;
  }

  /** True when this worker is to find out whether it can use the provider again. */
  get isProbeDue(): boolean {
    return this.#probeAt !== undefined && performance.now() >= this.#probeAt;
  }

  async fail(reason: string, { mayBeLocal, ...failure }: Parameters<Circuit['fail']>[1]): Promise<void> {
    if (!mayBeLocal) return await this.shared.fail(reason, failure);
    this.#failures++;
    if (this.#probeAt === undefined && (this.#waitMs !== undefined || this.#failures >= failure.after))
      this.failLocally(reason, failure.wait);
  }

  async succeed(): Promise<void> {
    // A mail that was already in progress does not show that the next connection can be opened.
    if (this.#probeAt === undefined) [this.#failures, this.#waitMs] = [0, undefined];
    await this.shared.succeed();
  }

  /** Opens this worker's own circuit, or keeps it open for twice as long as before. */
  failLocally(reason: string, { initial, max }: Backoff): void {
    const wasOpen = this.#probeAt !== undefined;
    this.#waitMs = this.#waitMs === undefined ? initial : Math.min(this.#waitMs * 2, max);
    this.#probeAt = performance.now() + this.#waitMs;
    this.#reason = reason;
    if (!wasOpen) this.onOpen();
  }

  /** Closes it: a probe has reached the provider. */
  passLocally(): void {
    this.#probeAt = undefined;
  }
}
