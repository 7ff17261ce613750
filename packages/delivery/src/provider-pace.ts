/**
 * Whether a provider is slow: a phase of one of its connections lasts longer than `timings.smtp.slowPhase`, or did so a short time ago.
 * A slow provider still delivers, so its circuit stays closed; but mail that another provider can take now does not wait for it.
 */
import type { Timings } from '@posthouse/contract';
import type { OnPhase } from './phase-clock.ts';

/** The pace of one provider, as this process sees it. */
export class ProviderPace {
  /** Called each time a phase turns out to be slow. */
  onSlow: () => void = () => undefined;
  readonly #timings: Timings['smtp'];
  readonly #onPhase: OnPhase;
  /** Phases that are slow at the moment. */
  #slowPhases = 0;
  #lastEndedAt = Number.NEGATIVE_INFINITY;

  /** @param onPhase gets every report as well */
  constructor(timings: Timings['smtp'], onPhase: OnPhase = () => undefined) {
    this.#timings = timings;
    this.#onPhase = onPhase;
  }

  /** For the clocks of the provider's connections. */
  readonly observe: OnPhase = (phase, state, ms) => {
    if (state === 'slow') {
      this.#slowPhases++;
      this.onSlow();
    } else if (state === 'ended') {
      this.#slowPhases--;
      this.#lastEndedAt = performance.now();
    }
    this.#onPhase(phase, state, ms);
  };

  /** True while a phase is slow, and for `timings.smtp.slowFor` after the last one ended: then the next mail finds out. */
  get isSlow(): boolean {
    return this.#slowPhases > 0 || performance.now() - this.#lastEndedAt < this.#timings.slowFor;
  }
}
