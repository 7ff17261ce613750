/**
 * Every reply of the server, with exactly one enhanced status code (RFC 3463). Greeting, replies to EHLO and HELO, and those that ask for
 * more have none (RFC 2034 section 4).
 */
import { limits } from '@posthouse/contract';

/** A reply that ends a command. Its text begins with the enhanced code. */
export class Reply extends Error {
  override readonly name = 'Reply';
  readonly responseCode: number;

  /** @param code of three digits @param text on one line; what is too long for a reply is cut off */
  constructor(code: number, text: string) {
    super(text.slice(0, limits.submission.replyLength));
    this.responseCode = code;
  }
}

const { size, recipients } = { size: limits.messageBytes, recipients: limits.recipients };

/** Our own replies, by what they are about. */
export const replies = {
  tooManyConnections: () => new Reply(421, '4.7.0 Too many connections from this address. Close some, or try again later'),
  tooManyConnectionsOfKey: () => new Reply(421, '4.7.0 Too many connections with this API key. Close some, or try again later'),
  noLoginInTime: () => new Reply(421, '4.7.0 No login in time'),
  stopping: () => new Reply(421, '4.3.2 This server is stopping. Nothing was accepted: connect again'),
  wrongKey: () =>
    new Reply(535, '5.7.8 Wrong password: it must be an API key of Posthouse (npm run keys -- create <name>); any user name is right'),
  tooManyWrongKeys: () => new Reply(421, '4.7.0 Too many wrong passwords on one connection'),
  mayNotSend: () => new Reply(535, '5.7.8 This API key does not have the right to send; an administrator of Posthouse can give it'),
  keysUnavailable: () => new Reply(454, '4.7.0 API keys cannot be read now. Try again'),
  keyRevoked: () => new Reply(550, '5.7.1 This API key is no longer valid. Nothing was accepted'),
  templatesOnly: () => new Reply(550, '5.7.1 This API key may send templates only, which need the HTTP API'),
  foreignSender: (advice: string) => new Reply(550, `5.7.1 The sender ${advice}`),
  notAscii: () => new Reply(553, '5.6.7 An address that is not ASCII needs SMTPUTF8'),
  unknownParameter: (name: string) =>
    new Reply(555, `5.5.4 The parameter ${name.replace(/[^\x21-\x7e]/g, '').slice(0, 40)} is not supported`),
  tooManyRecipients: () => new Reply(452, `4.5.3 Too many recipients; a mail has at most ${recipients}`),
  recipientsLeftOut: () =>
    new Reply(452, `4.5.3 Nothing was accepted: more than ${recipients} recipients were named. Send to fewer at a time`),
  tooLarge: (text = `is too large; at most ${size} bytes are allowed`) => new Reply(552, `5.3.4 The message ${text}`),
  tooSlow: () => new Reply(421, '4.4.2 The message came too slowly. Nothing was accepted'),
  busy: () => new Reply(452, '4.3.1 Too many messages are being accepted. Nothing was accepted: try again'),
  message: (text: string) => new Reply(550, `5.6.0 The message ${text}`),
  option: (text: string) => new Reply(550, `5.6.0 ${text}`),
  unavailable: (reason: string) => new Reply(451, `4.3.0 ${reason}. Try again`),
  limited: (waitMs: number) =>
    new Reply(451, `4.7.1 The rate of this API key is used up. Nothing was accepted: try again in ${Math.ceil(waitMs / 1000)} s`),
  inProgress: () => new Reply(451, '4.5.0 The first mail with this Posthouse-Idempotency-Key is still being accepted. Try again'),
  otherMail: () => new Reply(554, '5.5.4 This Posthouse-Idempotency-Key was used for a different mail. Use a new key for a new mail'),
  internal: () => new Reply(451, '4.3.0 Internal error; it is in the log. Nothing is known to be wrong with the mail'),
} as const;

/** The text of an accepted mail. */
export function queuedText(id: string): string {
  return `2.0.0 queued as ${id}`;
}

/** The library's texts that say too little or too much, in ours; by their beginning. */
const ownTexts: readonly [text: string, code: number, ours: string][] = [
  ['Server shutting down', ...textOf(replies.stopping())],
  ['Error: Must issue a STARTTLS', 530, '5.7.0 Begin TLS with STARTTLS first'],
  ['Error: authentication Required', 530, '5.7.0 Log in with AUTH first; the password is an API key'],
  ['Timeout', 421, '4.4.2 No command came in time'],
  ['Error: Command line too long', 421, '4.5.2 The line of a command is too long'],
  ['HTTP requests', 421, '4.7.0 This is an SMTP server'],
  ['Error: too many', 421, '4.7.0 Too many commands that lead to nothing'],
  ['Authentication aborted', 501, '5.7.0 AUTH was aborted'],
  ['Error: message exceeds', ...textOf(replies.tooLarge())],
  ['Error: internal', ...textOf(replies.internal())],
];

/** By the context that the library gives. */
const codesOfContext: Readonly<Record<string, string>> = {
  MAIL_FROM_OK: '2.1.0',
  RCPT_TO_OK: '2.1.5',
  SENDER_SYNTAX_ERROR: '5.1.7',
  MAILBOX_SYNTAX_ERROR: '5.1.3',
};

/** Of other replies of the library, by their code. */
const codesOfReply: Readonly<Record<number, string>> = {
  235: '2.7.0',
  454: '4.7.0',
  500: '5.5.2',
  501: '5.5.4',
  503: '5.5.1',
  504: '5.5.4',
};

/** A reply of the library, with the enhanced code that it lacks, or in our words. One that has a code stays. */
export function completeReply(code: number, text: string, context: string | undefined): [code: number, text: string] {
  if ((code >= 300 && code < 400) || /^[245]\.\d{1,3}\.\d{1,3} /.test(text)) return [code, text];
  const own = ownTexts.find(([start]) => text.startsWith(start));
  if (own !== undefined) return [own[1], own[2]];
  const enhanced = codesOfContext[context ?? ''] ?? codesOfReply[code] ?? `${Math.floor(code / 100)}.0.0`;
  return [code, `${enhanced} ${text.replace(/^Error: /, '')}`];
}

function textOf({ responseCode, message }: Reply): [number, string] {
  return [responseCode, message];
}
