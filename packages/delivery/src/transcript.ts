/**
 * What was said between us and a server, as it happens. nodemailer tells its logger each command and each reply;
 * replies answer commands in order, also when the commands were pipelined (RFC 2920).
 *
 * It listens only between logins and goodbyes, so that credentials never reach it.
 */
import { limits, type Step } from '@posthouse/contract';

/** Longest reply that is kept, in characters. */
const replyLength = 400;

/** Records the steps of one transaction. */
export class Transcript {
  readonly #began = Date.now();
  readonly #steps: Step[] = [];
  readonly #unanswered: Step[] = [];
  /** Replies by command, whole: the verdicts read these. */
  readonly #replies = new Map<string, string>();

  /** A command went out. */
  client(command: string): void {
    const step = { atMs: Date.now() - this.#began, command, reply: '' };
    this.#steps.push(step);
    this.#unanswered.push(step);
  }

  /** A reply came in; one that no command waits for answers the end of the message. */
  server(reply: string): void {
    const step = this.#unanswered.shift() ?? this.#add('.');
    step.reply = reply.slice(0, replyLength);
    this.#replies.set(verbOf(step.command), reply);
  }

  /** Something happened that is neither a command nor a reply. */
  event(what: string, how: string): void {
    this.#add(what).reply = how.slice(0, replyLength);
  }

  /** The reply to MAIL, DATA, the final dot, or to RCPT of one address. */
  reply(verb: 'MAIL' | 'DATA' | '.' | `RCPT ${string}`): string | undefined {
    return this.#replies.get(verb);
  }

  /** True once any reply has come. */
  get answered(): boolean {
    return this.#replies.size > 0;
  }

  /** ms since it began. */
  get durationMs(): number {
    return Date.now() - this.#began;
  }

  /** The steps, at most 4 KB of them: of more, the first and the last. */
  get steps(): Step[] {
    const steps = [...this.#steps];
    let dropped = 0;
    while (steps.length > 2 && Buffer.byteLength(JSON.stringify(steps)) > limits.transcriptBytes) {
      steps.splice(Math.floor(steps.length / 2), 1);
      dropped++;
    }
    if (dropped > 0) steps.splice(Math.floor(steps.length / 2), 0, { atMs: 0, command: '…', reply: `${dropped} more` });
    return steps;
  }

  #add(command: string): Step {
    const step = { atMs: Date.now() - this.#began, command, reply: '' };
    this.#steps.push(step);
    return step;
  }
}

/** `MAIL FROM:<a@x>` → `MAIL`; `RCPT TO:<b@y>` → `RCPT b@y`. */
function verbOf(command: string): string {
  const rcpt = /^RCPT TO:<([^>]*)>/.exec(command);
  return rcpt ? `RCPT ${rcpt[1]}` : (command.split(' ', 1)[0] ?? '');
}
