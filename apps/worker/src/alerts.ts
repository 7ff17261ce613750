/** Logs what needs an operator, without a line for each of a thousand mails. */
import type { SmtpPhase } from '@posthouse/contract';
import type { OnPhase, Provider } from '@posthouse/delivery';
import type { Logger } from '@posthouse/runtime';

const phaseNames: Partial<Record<SmtpPhase, string>> = {
  connect: 'TCP and TLS',
  greeting: 'the greeting',
  block: 'a block of the message',
  dot: 'the reply to the message',
};

/** The alerts of one worker. */
export class Alerts {
  readonly #intervalMs: number;
  readonly #log: Logger;
  readonly #last = new Map<string, { at: number; suppressed: number }>();

  /** @param intervalMs the same alert is logged once in this time, in ms */
  constructor(intervalMs: number, log: Logger) {
    this.#intervalMs = intervalMs;
    this.#log = log;
  }

  /** @param meaning what happened, as the verdict table says it */
  raise(provider: string, reason: string, meaning: string): void {
    this.#once(`${provider} ${meaning}`, (suppressed) => this.#log.error({ provider, reason, meaning, ...suppressed }, 'provider alert'));
  }

  /** Logs the phases of a provider's connections that take long, and each time that it becomes slow. */
  phasesOf({ name: provider, security }: Provider): OnPhase {
    return (phase, state) => {
      if (state === 'ended' || state === 'done') return;
      const isSlow = state === 'slow';
      const hint = phase === 'greeting' && security !== 'tls' ? { hint: 'a port that expects TLS sends no greeting: try smtps://' } : {};
      this.#once(`${provider} ${phase} ${state}`, (suppressed) =>
        this.#log.warn(
          { provider, phase: phaseNames[phase] ?? phase.toUpperCase(), ...hint, ...suppressed },
          isSlow ? 'provider slow' : 'provider takes long to reply',
        ),
      );
    };
  }

  /** A mail is sealed with a key that this worker does not have: one line for each name of a key, with how many there were since the last. */
  keyMissing(keyId: string, id: string, why: string): void {
    this.#once(`key ${keyId}`, (suppressed) => this.#log.error({ id, keyId, err: { message: why }, ...suppressed }, 'mail key missing'));
  }

  #once(key: string, write: (suppressed: { suppressed?: number }) => void): void {
    const last = this.#last.get(key);
    if (last !== undefined && Date.now() - last.at < this.#intervalMs) {
      last.suppressed++;
      return;
    }
    this.#last.set(key, { at: Date.now(), suppressed: 0 });
    write(last === undefined ? {} : { suppressed: last.suppressed });
  }
}
