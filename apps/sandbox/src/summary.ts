/** What a person at the terminal is told: what happened, where to look, and how to send a mail of one's own. */
import { styleText } from 'node:util';
import { type FirstMail, firstMember } from './first-mail.ts';
import type { Places } from './sandbox.ts';

/** Writes for a stream: with colours when it is a terminal that wants them (NO_COLOR). */
export class Summary {
  readonly #style: (format: Parameters<typeof styleText>[0], text: string) => string;

  constructor(stream: NodeJS.WriteStream) {
    this.#style = (format, text) => styleText(format, text, { stream });
  }

  /** What became of the first mail. */
  happened(first: FirstMail | { missing: string }): string {
    const who = `${firstMember.nickname} <${firstMember.email}> signed up`;
    if ('missing' in first) return lines(`${this.#style('red', '✗')} ${who}, but the welcome mail has not arrived.`, `  ${first.missing}`);
    return lines(
      `${this.#style('green', '✓')} ${who}, and the welcome mail has arrived.`,
      '',
      this.#row('Accepted', `in ${first.acceptedInMs} ms: POST /v1/mails`),
      this.#row('Sent', `after ${first.sentAfterMs} ms: through Redis and the worker to the relay, over verified TLS`),
      this.#row('Relay said', first.response),
    );
  }

  /** Where everything is. @param key of the API */
  places({ pages, api, redis }: Places, key: string): string {
    const mail = { to: 'you@example.com', template: 'signup', data: { nickname: 'You', email: 'you@example.com' } };
    return lines(
      this.#row('Sign up', this.#style('cyan', pages)),
      this.#row('Inbox', this.#style('cyan', `${pages}/inbox`)),
      this.#row('API docs', this.#style('cyan', `${api}/docs`)),
      this.#row('Redis', redis === undefined ? 'yours, by REDIS_URL' : `redis-cli -u ${redis}`),
      '',
      this.#style('bold', '  Send one yourself, and see it in the inbox'),
      '',
      `  curl ${api}/v1/mails \\`,
      `    -H 'Authorization: Bearer ${key}' \\`,
      `    -H 'Content-Type: application/json' \\`,
      `    -d '${JSON.stringify(mail)}'`,
      '',
      this.#style('dim', '  Ctrl-C stops everything.'),
    );
  }

  #row(name: string, value: string): string {
    return `  ${this.#style('bold', name.padEnd(12))}${value}`;
  }
}

function lines(...all: string[]): string {
  return `\n${all.join('\n')}\n`;
}
