/**
 * The deadlines of one connection, by phase (RFC 5321 section 4.5.3.2). Each runs from the command to its whole reply, by timers of ours:
 * nodemailer has one timeout for silence on the socket, which a server that trickles bytes never reaches.
 */
import type { SmtpPhase, Timings } from '@posthouse/contract';
import type { SmtpError } from './connection-error.ts';

/**
 * Called when a phase has lasted longer than `timings.smtp.slowLog` (`waiting`) and longer than `timings.smtp.slowPhase` (`slow`), and
 * when a phase that was reported as slow ends, whatever ends it (`ended`). Each phase is reported at its end, with how long it lasted (`done`).
 */
export type OnPhase = (phase: SmtpPhase, state: 'waiting' | 'slow' | 'ended' | 'done', ms: number) => void;

/** A phase was not finished in time. */
export class PhaseTimeout extends Error implements SmtpError {
  override readonly name = 'PhaseTimeout';
  readonly code = 'EDEADLINE';
  readonly phase: SmtpPhase;

  constructor(phase: SmtpPhase, ms: number) {
    super(`${descriptions[phase]} within ${ms / 1000} s`);
    this.phase = phase;
  }
}

const descriptions: Readonly<Record<SmtpPhase, string>> = {
  connect: 'TCP and TLS were not finished',
  greeting: 'no whole greeting came',
  ehlo: 'no whole reply to EHLO came',
  starttls: 'no whole reply to STARTTLS came',
  auth: 'no whole reply to AUTH came',
  mail: 'no whole reply to MAIL came',
  rcpt: 'no whole reply to RCPT came',
  data: 'no whole reply to DATA came',
  block: 'the server did not take a block of the message',
  dot: 'no whole reply to the end of the message came',
  rset: 'no whole reply to RSET came',
  quit: 'no whole reply to QUIT came',
};

/** The clock of one connection: at most one phase runs at a time. */
export class PhaseClock {
  /** Called when a phase was not finished in time. */
  onTimeout: (error: PhaseTimeout) => void = () => undefined;
  readonly #timings: Timings['smtp'];
  readonly #onPhase: OnPhase;
  #current: { phase: SmtpPhase; startedAt: number; isSlow: boolean } | undefined;
  #timers: NodeJS.Timeout[] = [];
  #connectMs = 0;
  #isStopped = false;

  constructor(timings: Timings['smtp'], onPhase: OnPhase = () => undefined) {
    this.#timings = timings;
    this.#onPhase = onPhase;
  }

  /** A phase begins; the one before has ended. */
  enter(phase: SmtpPhase): void {
    this.leave();
    if (this.#isStopped) return;
    const { slowLog, slowPhase } = this.#timings;
    const current = { phase, startedAt: performance.now(), isSlow: false };
    this.#current = current;
    const limit = this.#timings[phase];
    this.#after(slowLog, limit, () => this.#onPhase(phase, 'waiting', slowLog));
    this.#after(slowPhase, limit, () => {
      current.isSlow = true;
      this.#onPhase(phase, 'slow', slowPhase);
    });
    // TLS after STARTTLS has what TCP has left of their time.
    const remaining = phase === 'connect' ? Math.max(limit - this.#connectMs, 0) : limit;
    this.#timers.push(setTimeout(() => this.onTimeout(new PhaseTimeout(phase, limit)), remaining));
  }

  /** The connection has ended. */
  stop(): void {
    this.#isStopped = true;
    this.leave();
  }

  /** The phase has ended, and none follows yet. */
  leave(): void {
    for (const timer of this.#timers.splice(0)) clearTimeout(timer);
    const ended = this.#current;
    this.#current = undefined;
    if (ended === undefined) return;
    const ms = performance.now() - ended.startedAt;
    if (ended.phase === 'connect') this.#connectMs += ms;
    if (ended.isSlow) this.#onPhase(ended.phase, 'ended', ms);
    this.#onPhase(ended.phase, 'done', ms);
  }

  #after(ms: number, limit: number, run: () => void): void {
    if (ms < limit) this.#timers.push(setTimeout(run, ms));
  }
}
