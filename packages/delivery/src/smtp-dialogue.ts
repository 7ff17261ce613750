/**
 * Which commands of a connection wait for their replies. A server replies to each command once and in order, also when they are
 * pipelined (RFC 2920 section 3.1); once replies and commands are out of step, a reply to one mail would count for another.
 */
import { limits, type SmtpPhase } from '@posthouse/contract';
import type { PhaseClock } from './phase-clock.ts';

const phases: Readonly<Record<string, SmtpPhase>> = {
  EHLO: 'ehlo',
  HELO: 'ehlo',
  STARTTLS: 'starttls',
  AUTH: 'auth',
  MAIL: 'mail',
  RCPT: 'rcpt',
  DATA: 'data',
  '.': 'dot',
  RSET: 'rset',
  QUIT: 'quit',
};

/** What is wrong with a reply of which {@link hasTooManyLines} is true. */
export const tooManyLines = `a reply of more than ${limits.replyLines} lines`;

/** Whether a reply is longer than any that a server has reason to send. */
export function hasTooManyLines(reply: string): boolean {
  return reply.split('\n', limits.replyLines + 1).length > limits.replyLines;
}

/** The commands and replies of one connection; they move its clock on. */
export class SmtpDialogue {
  readonly #clock: PhaseClock;
  /** Phases that end with a reply; the first one is running. */
  readonly #awaited: SmtpPhase[] = ['greeting'];
  /** The server asked for the next part of a login (334). */
  #loginContinues = false;

  constructor(clock: PhaseClock) {
    this.#clock = clock;
    clock.enter('greeting');
  }

  /** A command is being sent. */
  command(line: string): void {
    const phase = this.#loginContinues ? 'auth' : phases[line.split(' ', 1)[0]?.toUpperCase() ?? ''];
    if (phase !== undefined && this.#awaited.push(phase) === 1) this.#clock.enter(phase);
  }

  /** The socket has the whole message: from now on there may be a reply to it. */
  messageSent(): void {
    this.#awaited.push('dot');
  }

  /** The last byte of the message has been written. */
  messageWritten(): void {
    if (this.#awaited[0] === 'dot') this.#clock.enter('dot');
  }

  /**
   * A whole reply came.
   * @param others further replies that have begun to come
   * @returns what is wrong, if it cannot be the reply to the command that waits for one
   */
  reply(line: string, others: number): string | undefined {
    const phase = this.#awaited.shift();
    const issue = issueWith(line, phase, others - this.#awaited.length);
    this.#loginContinues = phase === 'auth' && line.startsWith('334');
    const next = phase === 'starttls' && line.startsWith('2') ? 'connect' : this.#awaited[0];
    if (next === undefined) this.#clock.leave();
    else this.#clock.enter(next);
    return issue;
  }
}

function issueWith(line: string, phase: SmtpPhase | undefined, excess: number): string | undefined {
  const code = /^\d{3}(?!\d)/.exec(line)?.[0];
  if (code === undefined) return 'a reply without a code of three digits';
  if (hasTooManyLines(line)) return tooManyLines;
  // RFC 5321 section 4.2: a server may send it at any time, and then it closes the connection.
  if (code === '421') return undefined;
  if (excess > 0) return 'more replies than commands';
  if (phase === undefined) return `a reply (${code}) before its command, or before the end of the message`;
  const isIntermediate = code.startsWith('3');
  if (phase === 'data') return code === '354' || code >= '400' ? undefined : `a reply (${code}) to DATA that is not 354`;
  return isIntermediate && phase !== 'auth' ? `a reply (${code}) that only DATA and AUTH have` : undefined;
}
