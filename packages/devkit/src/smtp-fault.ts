/**
 * Misbehaviour that a test orders from the SMTP server: at which moment of the conversation, for whom,
 * how often. More kinds get their place in `SmtpFault` and in `ScriptedConnection.send`.
 */

/**
 * A moment of the conversation at which the server speaks.
 *
 * CONNECT: the greeting. AUTH: the end of a login, password given. DATA: the reply to the command, in
 * place of 354. DOT: the reply to the message, once all of it is there.
 */
export type SmtpPhase = 'CONNECT' | 'AUTH' | 'MAIL' | 'RCPT' | 'DATA' | 'DOT';

/** For whom and how often. */
export interface FaultScope {
  /** Only for this sender (MAIL) or where this is a recipient (RCPT, DATA, DOT). Exact, domain in ASCII. */
  address?: string;
  /** Then the server is its old self again; without it, until `behave`. */
  times?: number;
}

/** A reply to give instead of the usual one. */
export interface ReplyRule extends FaultScope {
  /** As it goes over the wire: `451 4.7.1 Greylisted, try again later`. Lines of one reply are joined by CRLF. */
  reply: string;
}

/** What to do in place of an answer. */
export interface SilenceRule extends FaultScope {
  /** At DOT only: true for a server that lost the message. Otherwise it has the message, and only its reply is missing. */
  lost?: boolean;
}

/** How slowly to say the usual reply. */
export interface TrickleRule extends FaultScope {
  /** ms between one byte and the next. */
  gapMs: number;
}

/** What happens instead of the usual reply, or to it. */
export type SmtpFault =
  | { kind: 'reply'; reply: string }
  | { kind: 'hang'; lost: boolean }
  | { kind: 'close'; lost: boolean }
  | { kind: 'trickle'; gapMs: number };

/** True when the command is not carried out. */
export function refuses(fault: SmtpFault): boolean {
  if (fault.kind === 'reply') return /^[45]/.test(fault.reply);
  return fault.kind !== 'trickle' && fault.lost;
}

interface Planned {
  phase: SmtpPhase;
  address: string | undefined;
  left: number;
  fault: SmtpFault;
}

/** The faults that are planned; the first one that fits is the one that happens. */
export class SmtpFaults {
  #planned: Planned[] = [];

  /** @throws when the fault is a reply without a reply code */
  plan(phase: SmtpPhase, { address, times = Number.POSITIVE_INFINITY }: FaultScope, fault: SmtpFault): void {
    if (fault.kind === 'reply' && !/^[2-5]\d\d[ -]/.test(fault.reply)) {
      throw new Error(`An SMTP reply starts with a three-digit code, such as "451 4.7.1 Try again later"; "${fault.reply}" does not`);
    }
    this.#planned.push({ phase, address, left: times, fault });
  }

  /** The fault for this moment, if one is planned. It counts as one of its times. */
  take(phase: SmtpPhase, addresses: readonly string[]): SmtpFault | undefined {
    const planned = this.#planned.find(
      (candidate) => candidate.phase === phase && (candidate.address === undefined || addresses.includes(candidate.address)),
    );
    if (planned === undefined) return undefined;
    planned.left -= 1;
    if (planned.left === 0) this.#planned = this.#planned.filter((other) => other !== planned);
    return planned.fault;
  }

  clear(): void {
    this.#planned = [];
  }
}
