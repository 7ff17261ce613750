/** Checks a message that a caller made, and reads what a record needs of it. */
import { isUtf8 } from 'node:buffer';
import { type IssueCode, limits, type Mailbox } from '@posthouse/contract';
import { decodeText } from './encoded-words.ts';
import { readHeader } from './header-block.ts';
import { parseOriginators } from './originators.ts';

/** Why a message is not accepted. */
export interface MessageIssue {
  /** A clause about the message; never a value of it. */
  message: string;
  code: IssueCode;
}

/** A sender, and the field that has it. */
export interface MessageSender {
  field: (typeof senderFields)[number];
  address: string;
}

/** What is wrong with a message, and what its header says where nothing is. */
export interface ReadMessage {
  issues: MessageIssue[];
  /** Every address of From. */
  from: Mailbox[];
  /** Every address that the message names as a sender: those of From, Sender, Resent-From and Resent-Sender. */
  senders: MessageSender[];
  /** Decoded, for display. */
  subject: string;
  /** With angle brackets; undefined where it has none. */
  messageId: string | undefined;
}

/** Fields that a message has once (RFC 5322 section 3.6). Of two, one server reads the first and another the second. */
const onlyOnce = ['From', 'Sender', 'Reply-To', 'To', 'Cc', 'Message-ID', 'Date', 'Subject', 'In-Reply-To', 'References'];

/** Fields with senders; From must be there. Those of a message that was sent again (RFC 5322 section 3.6.6) may be there several times. */
const senderFields = ['From', 'Sender', 'Resent-From', 'Resent-Sender'] as const;

/** In angle brackets, without blanks and brackets. What is between them is the caller's, and need not be as RFC 5322 section 3.6.4 has it. */
const messageIdExpression = /^<[!-;=?-~]{1,900}>$/;

/** Reads a message. Its lines must end with CRLF: a server that takes a bare CR or LF for a line end could find the end of the message there. */
export function readMessage(message: Buffer): ReadMessage {
  const issues: MessageIssue[] = [];
  const add = (text: string, code: IssueCode = 'wrong-format') => void issues.push({ message: text, code });
  const nothing = { issues, from: [], senders: [], subject: '', messageId: undefined };
  const lines = lineIssue(message);
  if (lines !== undefined) {
    issues.push(lines);
    return nothing;
  }
  const header = readHeader(message);
  if (header.end > limits.rawHeader.bytes || header.fields.length > limits.rawHeader.fields) {
    add(`has a header of more than ${limits.rawHeader.bytes} bytes or ${limits.rawHeader.fields} fields`, 'too-large');
    return nothing;
  }
  if (header.brokenLine !== undefined)
    add(`has a line in its header that is no field: line ${header.brokenLine}; an empty line ends the header`);
  if (!isUtf8(message.subarray(0, header.end))) add('has bytes in its header that are not UTF-8; use encoded words (RFC 2047)');
  const values = (name: string) => header.fields.filter((field) => field.name.toLowerCase() === name).map(({ value }) => value);
  for (const name of onlyOnce) if (values(name.toLowerCase()).length > 1) add(`has the field ${name} more than once`, 'duplicate');
  if (values('resent-bcc').length > 0) add('has the field Resent-Bcc, which every recipient would see; leave it out', 'not-allowed');
  const [messageId] = values('message-id');
  if (messageId !== undefined && !messageIdExpression.test(messageId)) add('has a Message-ID without angle brackets, or with blanks in it');
  // Where the header ends too early, the field may be behind that.
  if (values('from').length === 0 && header.brokenLine === undefined) add('has no From field', 'missing');
  const senders = senderFields.map((field) => ({
    field,
    mailboxes: values(field.toLowerCase()).flatMap((value) => originators(field, value, add)),
  }));
  return {
    issues,
    from: senders[0]?.mailboxes ?? [],
    senders: senders.flatMap(({ field, mailboxes }) => mailboxes.map(({ address }) => ({ field, address }))),
    subject: subjectOf(values('subject')),
    messageId,
  };
}

function originators(field: MessageSender['field'], value: string, add: (message: string) => void): Mailbox[] {
  const mailboxes = parseOriginators(value);
  const isOne = field === 'From' || field === 'Resent-From' || mailboxes?.length === 1;
  if (mailboxes !== undefined && isOne) return mailboxes;
  const what = field.endsWith('From') ? 'plain list of addresses' : 'single plain address';
  add(`has a ${field} field that is no ${what}, such as Anne <anne@example.com>`);
  return [];
}

function subjectOf([value = '']: readonly string[]): string {
  return decodeText(value, limits.headerLength);
}

/** What is wrong with the lines of header and body; the first issue. */
function lineIssue(message: Buffer): MessageIssue | undefined {
  const wrong = (text: string): MessageIssue => ({ message: text, code: 'wrong-format' });
  if (message.length === 0) return { message: 'is empty', code: 'missing' };
  if (message.includes(0)) return wrong('has a NUL byte, which SMTP cannot transmit');
  const advice = 'end each line with CRLF (in Python: policy=email.policy.SMTP)';
  for (let line = 1, start = 0; start < message.length; line++) {
    const lineFeed = message.indexOf(0x0a, start);
    const end = lineFeed === -1 ? message.length : lineFeed;
    const carriageReturn = message.subarray(start, end).indexOf(0x0d);
    if (lineFeed !== -1 && carriageReturn === -1) return wrong(`has a bare LF in line ${line}; ${advice}`);
    if (carriageReturn !== -1 && (start + carriageReturn !== end - 1 || lineFeed === -1))
      return wrong(`has a bare CR in line ${line}; ${advice}`);
    const length = carriageReturn === -1 ? end - start : carriageReturn;
    if (length > limits.lineBytes)
      return wrong(`has a line of ${length} bytes: line ${line}; at most ${limits.lineBytes} are possible (RFC 5322 section 2.1.1)`);
    start = end + 1;
  }
  return undefined;
}
