/**
 * The transcript of a transaction. nodemailer logs each command and each reply; replies answer commands in order, also when the
 * commands are pipelined (RFC 2920). A transcript is kept only during a transaction, so credentials are never in it.
 */
import { limits, type Step } from '@posthouse/contract';
import { unquotedAddress } from './smtp-address.ts';

/** Records the steps of one transaction. */
export class Transcript {
  /** When the transaction began, ms since the epoch. */
  readonly began = Date.now();
  readonly #steps: Step[] = [];
  readonly #unanswered: Step[] = [];
  /** Whole replies by command; verdicts are decided by these. */
  readonly #replies = new Map<string, string>();

  /** A command was sent. */
  client(command: string): void {
    const step = { atMs: Date.now() - this.began, command, reply: '' };
    this.#steps.push(step);
    this.#unanswered.push(step);
  }

  /** A reply came; one that no command waits for answers the final dot. */
  server(reply: string): void {
    const step = this.#unanswered.shift() ?? this.#add('.');
    step.reply = reply.slice(0, limits.replyLength);
    this.#replies.set(verbOf(step.command), reply);
  }

  /** An event of the connection that is neither a command nor a reply. */
  event(name: string, detail: string): void {
    this.#add(name).reply = detail.slice(0, limits.replyLength);
  }

  /** The reply to MAIL, DATA, the final dot, or to RCPT of one address. */
  reply(verb: 'MAIL' | 'DATA' | '.' | `RCPT ${string}`): string | undefined {
    return this.#replies.get(verb);
  }

  /** True once any reply has come. */
  get answered(): boolean {
    return this.#replies.size > 0;
  }

  /** The steps within the size limit: of more, the first and the last ones. */
  get steps(): Step[] {
    const steps = [...this.#steps];
    if (maxJsonBytes(steps) <= limits.transcriptBytes) return steps;
    let dropped = 0;
    while (steps.length > 2 && Buffer.byteLength(JSON.stringify(steps)) > limits.transcriptBytes) {
      steps.splice(Math.floor(steps.length / 2), 1);
      dropped++;
    }
    if (dropped > 0) steps.splice(Math.floor(steps.length / 2), 0, { atMs: 0, command: '…', reply: `${dropped} more` });
    return steps;
  }

  #add(command: string): Step {
    const step = { atMs: Date.now() - this.began, command, reply: '' };
    this.#steps.push(step);
    return step;
  }
}

/** No step takes more as JSON: six bytes for each unit, and the names of its fields with its time. Nearly every transcript is far below its limit. */
function maxJsonBytes(steps: readonly Step[]): number {
  return steps.reduce((sum, { command, reply }) => sum + 6 * (command.length + reply.length) + 64, 2);
}

/** `MAIL FROM:<a@x>` → `MAIL`; `RCPT TO:<b@y>` → `RCPT b@y`. */
function verbOf(command: string): string {
  const rcpt = /^RCPT TO:<([^>]*)>/.exec(command);
  return rcpt?.[1] !== undefined ? `RCPT ${unquotedAddress(rcpt[1])}` : (command.split(' ', 1)[0] ?? '');
}
