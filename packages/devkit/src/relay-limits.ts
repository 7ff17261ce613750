/** Enforces the limits of a relay's profile: counts what its clients do, and refuses what exceeds a limit. */
import type { RelayLimit, RelayLimitName, RelayProfile } from './relay-profiles.ts';
import type { SmtpFault, SmtpPhase } from './smtp-fault.ts';

/** The client's connection, as far as limits concern it. */
export interface LimitedConnection {
  /** Position among the open connections, oldest first, from 1. */
  rank: number;
  /** MAIL commands that it has sent, without this one. */
  mailCommands: number;
  /** Recipients that have been accepted in this transaction. */
  recipients: number;
}

const second = 1000;

/** The counters of one server; they outlive its restarts. */
export class RelayLimits {
  readonly #profile: RelayProfile | undefined;
  #logins = 0;
  #accepted = 0;
  /** When the messages of the last second were accepted, ms since the epoch. */
  #recent: number[] = [];

  constructor(profile: RelayProfile | undefined) {
    this.#profile = profile;
  }

  /** The reply to what a client does in this phase, when that exceeds a limit. */
  check(phase: SmtpPhase, connection: LimitedConnection): SmtpFault | undefined {
    const limits = Object.entries(this.#profile?.limits ?? {}) as [RelayLimitName, RelayLimit][];
    const exceeded = limits.find(([name, limit]) => limit.phase === phase && this.#used(name, connection) >= limit.max);
    return exceeded === undefined ? undefined : { kind: 'reply', reply: exceeded[1].reply };
  }

  countLogin(): void {
    this.#logins += 1;
  }

  countMessage(): void {
    this.#accepted += 1;
    this.#recent.push(Date.now());
  }

  /** Quota and logins are available again, as on the next day. */
  reset(): void {
    this.#logins = 0;
    this.#accepted = 0;
  }

  /** How much of a limit is in use, before what is being asked for. */
  #used(name: RelayLimitName, { rank, mailCommands, recipients }: LimitedConnection): number {
    switch (name) {
      case 'connections':
        return rank - 1;
      case 'logins':
        return this.#logins;
      case 'messagesPerConnection':
        return mailCommands;
      case 'rate':
        return this.#acceptedInLastSecond();
      case 'quota':
        return this.#accepted;
      case 'recipients':
        return recipients;
      case 'idleMs':
        return 0; // enforced by the connection's timer
    }
  }

  #acceptedInLastSecond(): number {
    const since = Date.now() - second;
    this.#recent = this.#recent.filter((at) => at > since);
    return this.#recent.length;
  }
}
