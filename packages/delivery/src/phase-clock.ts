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

/** A phase that runs, and when something about it is due; of `performance.now`, infinite for never. */
interface RunningPhase {
  phase: SmtpPhase;
  startedAt: number;
  isSlow: boolean;
  waitingAt: number;
  slowAt: number;
  timeoutAt: number;
}

/** The precision of a timer, in ms: it may fire a little early. */
const timerPrecision = 1;

/**
 * The clock of one connection: at most one phase runs at a time. Its one timer runs on from phase to phase and looks what is due: nearly all
 * phases end long before anything is, and timers for each would cost more than the rest of the clock.
 */
export class PhaseClock {
  /** Called when a phase was not finished in time. */
  onTimeout: (error: PhaseTimeout) => void = () => undefined;
  readonly #timings: Timings['smtp'];
  readonly #onPhase: OnPhase;
  #current: RunningPhase | undefined;
  #timer: NodeJS.Timeout | undefined;
  #timerAt = Number.POSITIVE_INFINITY;
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
    const startedAt = performance.now();
    const limit = this.#timings[phase];
    // TLS after STARTTLS has what TCP has left of their time.
    const remaining = phase === 'connect' ? Math.max(limit - this.#connectMs, 0) : limit;
    const current = {
      phase,
      startedAt,
      isSlow: false,
      waitingAt: slowLog < limit ? startedAt + slowLog : Number.POSITIVE_INFINITY,
      slowAt: slowPhase < limit ? startedAt + slowPhase : Number.POSITIVE_INFINITY,
      timeoutAt: startedAt + remaining,
    };
    this.#current = current;
    this.#awake(current, startedAt);
  }

  /** The connection has ended. */
  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    this.leave();
  }

  /** The phase has ended, and none follows yet. */
  leave(): void {
    const ended = this.#current;
    this.#current = undefined;
    if (ended === undefined) return;
    const ms = performance.now() - ended.startedAt;
    if (ended.phase === 'connect') this.#connectMs += ms;
    if (ended.isSlow) this.#onPhase(ended.phase, 'ended', ms);
    this.#onPhase(ended.phase, 'done', ms);
  }

  /** Looks at the phase when the next thing is due, at the latest. */
  #awake({ waitingAt, slowAt, timeoutAt }: RunningPhase, now: number): void {
    const due = Math.min(waitingAt, slowAt, timeoutAt);
    if (this.#timerAt <= due) return;
    clearTimeout(this.#timer);
    this.#timerAt = due;
    this.#timer = setTimeout(() => this.#look(), due - now);
  }

  #look(): void {
    this.#timerAt = Number.POSITIVE_INFINITY;
    const current = this.#current;
    if (current === undefined) return;
    const { phase, waitingAt, slowAt, timeoutAt } = current;
    const { slowLog, slowPhase } = this.#timings;
    const now = performance.now() + timerPrecision;
    if (waitingAt <= now) {
      current.waitingAt = Number.POSITIVE_INFINITY;
      this.#onPhase(phase, 'waiting', slowLog);
    }
    if (slowAt <= now) {
      current.slowAt = Number.POSITIVE_INFINITY;
      current.isSlow = true;
      this.#onPhase(phase, 'slow', slowPhase);
    }
    if (timeoutAt <= now) this.onTimeout(new PhaseTimeout(phase, this.#timings[phase]));
    else if (this.#current === current) this.#awake(current, performance.now());
  }
}
