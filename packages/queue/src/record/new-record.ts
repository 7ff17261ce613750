/** Makes the record of a new mail. */
import { randomBytes } from 'node:crypto';
import {
  addressDomain,
  type Envelope,
  limits,
  type MailContent,
  type MailRecord,
  type Priority,
  type Recipient,
  type RecordedAction,
  type TraceContext,
  type UncertainPolicy,
} from '@posthouse/contract';
import { v7 } from 'uuid';

/** A validated mail. */
export interface NewMail {
  apiKey: string;
  envelope: Envelope;
  content: MailContent;
  /** Hash of the template set that its data was checked against; only with a template. */
  templatesHash?: string;
  /** Of a raw message that has one, with angle brackets. Default: made of id and sender. */
  messageId?: string;
  priority: Priority;
  tags: string[];
  metadata?: Record<string, unknown>;
  /** Not before this time, ms since the epoch. */
  scheduledAt?: number;
  /** Not after this time, ms since the epoch. Default: 72 hours after it is due. */
  expiresAt?: number;
  /** Default: resend. */
  onUncertain?: UncertainPolicy;
  /** Of which mail it is a copy, by its id, and who has it sent. */
  copy?: { of: string; by: Pick<RecordedAction, 'who' | 'role'> };
  trace?: TraceContext;
}

/** The action of a copy in its record, and of its original in the audit log. */
export const copyAction = 'copy' as const;

/** Random bytes of ids that are taken from the system at a time: a request for a single one would cost more than the rest of the id. */
const randomBytesTaken = 4096;
const randomBytesOfId = 16;

let unused = Buffer.alloc(0);
let latestId = { msecs: 0, seq: 0 };

/**
 * A UUIDv7: sortable by time, and with up to 74 random bits. Ids of the same ms that are made one after another are in the order in which they
 * were made. Lists of mails are in the order of their ids.
 * @param at when the mail is accepted, ms since the epoch: the time in the id
 */
export function newMailId(at = Date.now()): string {
  if (unused.length === 0) unused = randomBytes(randomBytesTaken);
  const random = unused.subarray(0, randomBytesOfId);
  unused = unused.subarray(randomBytesOfId);
  // The first one of a ms has a random number in its lower 31 bits.
  latestId = at === latestId.msecs ? { msecs: at, seq: latestId.seq + 1 } : { msecs: at, seq: random.readUInt32BE(6) >>> 1 };
  return v7({ ...latestId, random });
}

/** @param now ms since the epoch */
export function newRecord(id: string, mail: NewMail, now: number): MailRecord {
  const dueAt = Math.max(mail.scheduledAt ?? now, now);
  const { copy } = mail;
  const { template } = mail.content;
  return {
    v: 1,
    id,
    state: dueAt > now ? 'scheduled' : 'queued',
    partial: false,
    messageId: mail.messageId ?? messageIdOf(id, mail.envelope),
    apiKey: mail.apiKey,
    ...(copy !== undefined && { copyOf: copy.of, actions: [{ ...copy.by, action: copyAction, at: now }] }),
    ...(mail.trace !== undefined && { trace: mail.trace }),
    ...(template !== undefined && { template: template.name, locale: template.locale }),
    ...(mail.templatesHash !== undefined && { templatesHash: mail.templatesHash }),
    priority: mail.priority,
    tags: mail.tags,
    ...(mail.metadata !== undefined && { metadata: mail.metadata }),
    createdAt: now,
    dueAt,
    nextAttemptAt: dueAt,
    expiresAt: mail.expiresAt ?? dueAt + limits.expiresAfterMs,
    onUncertain: mail.onUncertain ?? 'resend',
    envelope: mail.envelope,
    content: mail.content,
    contentState: 'complete',
    recipients: recipientsOf(mail.envelope),
    attemptCount: 0,
    scheduleFrom: 0,
    attempts: [],
    deferralCount: 0,
  };
}

/** The Message-ID, with its angle brackets: made of the mail's id and the sender's domain. */
export function messageIdOf(id: string, { from }: Envelope): string {
  return `<${id}@${addressDomain(from.address)}>`;
}

/** Each address once, however often the headers contain it, so that a person gets one copy. */
export function recipientsOf(envelope: Envelope): Recipient[] {
  const recipients = new Map<string, Recipient>();
  for (const kind of ['to', 'cc', 'bcc'] as const) {
    for (const { address } of envelope[kind]) {
      const known = address.toLowerCase();
      if (!recipients.has(known)) recipients.set(known, { address, kind, state: 'pending' });
    }
  }
  return [...recipients.values()];
}
