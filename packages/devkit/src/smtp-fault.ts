/**
 * Faults that a test plans for the SMTP server: in which phase, for which address, how often.
 * To add a kind of fault, extend `SmtpFault` and `ScriptedConnection.send`.
 */

/**
 * A reply of the server.
 *
 * CONNECT: the greeting. EHLO: the reply to EHLO, each time. AUTH: the reply after the password. DATA: the reply to the command, in place
 * of 354. DOT: the reply to the message, after all of it has been received.
 */
export type SmtpPhase = 'CONNECT' | 'EHLO' | 'AUTH' | 'MAIL' | 'RCPT' | 'DATA' | 'DOT';

/** When a fault applies. */
export interface FaultScope {
  /** Only for this name (EHLO), this mechanism (AUTH), this sender (MAIL) or this recipient (RCPT, DATA, DOT). Exact match, domain in ASCII. */
  address?: string;
  /** Number of times; without it, until `clearFaults`. */
  times?: number;
}

/** A reply in place of the usual one. */
export interface ReplyRule extends FaultScope {
  /** Sent unchanged: `451 4.7.1 Greylisted, try again later`. Lines of a multi-line reply are separated by CRLF. */
  reply: string;
}

/** A server that sends no reply. */
export interface SilenceRule extends FaultScope {
  /** Only at DOT: true for a server that has lost the message. Otherwise it has accepted the message, and only its reply is missing. */
  lost?: boolean;
}

/** The usual reply, sent late. */
export interface DelayRule extends FaultScope {
  /** ms from the command, or from the end of the message, to the reply. */
  delayMs: number;
}

/** The usual reply, sent slowly. */
export interface TrickleRule extends FaultScope {
  /** ms between bytes. */
  gapMs: number;
}

/** What replaces or delays the usual reply. */
export type SmtpFault =
  | { kind: 'reply'; reply: string }
  | { kind: 'hang'; lost: boolean }
  | { kind: 'close'; lost: boolean }
  | { kind: 'hold'; released: Promise<void> }
  | { kind: 'delay'; delayMs: number }
  | { kind: 'trickle'; gapMs: number };

/** True when the command is not executed. */
export function refuses(fault: SmtpFault): boolean {
  if (fault.kind === 'reply') return /^[45]/.test(fault.reply);
  return 'lost' in fault && fault.lost;
}

interface Planned {
  phase: SmtpPhase;
  address: string | undefined;
  remaining: number;
  fault: SmtpFault;
}

/** The planned faults. Of those that match, the first one applies; those for a number of times come before those that stay. */
export class SmtpFaults {
  #planned: Planned[] = [];

  /** @throws Error when a reply has no reply code */
  plan(phase: SmtpPhase, { address, times = Number.POSITIVE_INFINITY }: FaultScope, fault: SmtpFault): void {
    if (fault.kind === 'reply' && !/^[2-5]\d\d[ -]/.test(fault.reply)) {
      throw new Error(`An SMTP reply starts with a three-digit code, such as "451 4.7.1 Try again later"; "${fault.reply}" does not`);
    }
    this.#planned.push({ phase, address, remaining: times, fault });
  }

  /** Takes the fault that applies to this phase, if any, and counts down its remaining times. */
  take(phase: SmtpPhase, addresses: readonly string[]): SmtpFault | undefined {
    const matching = this.#planned.filter(
      (candidate) => candidate.phase === phase && (candidate.address === undefined || addresses.includes(candidate.address)),
    );
    const planned = matching.find(({ remaining }) => Number.isFinite(remaining)) ?? matching[0];
    if (planned === undefined) return undefined;
    planned.remaining -= 1;
    if (planned.remaining === 0) this.#planned = this.#planned.filter((other) => other !== planned);
    return planned.fault;
  }

  clear(): void {
    this.#planned = [];
  }
}
