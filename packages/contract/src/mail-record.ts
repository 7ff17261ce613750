/**
 * The record: the only truth about a mail. The API, the worker, the dashboard and the command line all
 * read it. This is its open form; the queue room seals content, addresses and replies before Redis sees them.
 */
import type { Mailbox } from './address.ts';
import type { Attempt, Deferral, Receipt } from './attempt.ts';
import type { Priority, UncertainPolicy } from './mail-policy.ts';
import type { Attachment } from './mail-schema.ts';
import type { MailState, RecipientState } from './state.ts';

/** Who writes to whom, as headers. Sealed; kept as long as the record. */
export interface Envelope {
  from: Mailbox;
  to: Mailbox[];
  cc: Mailbox[];
  bcc: Mailbox[];
  replyTo: Mailbox[];
}

/** What the message says. Sealed, and wiped once the mail is sent. */
export interface MailContent {
  /** Rendered from a template: `data` was checked against its schema at acceptance. */
  template?: { name: string; locale: string; data: Record<string, unknown> };
  /** Or written by the caller. */
  literal?: { subject: string; html?: string; text?: string };
  attachments: Attachment[];
  headers: Record<string, string>;
}

/** One envelope recipient (RFC 5321 section 2.3.1): the unit of outcome and of retry. */
export interface Recipient {
  address: string;
  kind: 'to' | 'cc' | 'bcc';
  state: RecipientState;
  /** When `state` last changed, ms since the epoch. */
  at?: number;
  provider?: string;
  /** Why it is in this state: `250 2.0.0`, `550 5.1.1`. */
  reason?: string;
  /** Pending, and nobody knows whether the message arrived. */
  uncertain?: true;
  code?: number;
  enhancedCode?: string;
}

/** One mail, with everything that is known of it. Times are ms since the epoch. */
export interface MailRecord {
  /** The record's version. A worker refuses one that it does not know. */
  v: 1;
  /** A UUIDv7; also the BullMQ jobId and the left half of the Message-ID. */
  id: string;
  state: MailState;
  /** With `sent`: some recipients were refused. */
  partial: boolean;
  messageId: string;
  /** Name of the API key that asked for it. */
  apiKey: string;
  /** Template name and locale; absent when the caller wrote the content. */
  template?: string;
  locale?: string;
  /** Hash of the template set at acceptance. */
  templatesHash?: string;
  /** Hash of the template set that it was rendered with. */
  renderedHash?: string;
  priority: Priority;
  tags: string[];
  metadata?: Record<string, unknown>;
  createdAt: number;
  /** When it may first be sent: `scheduledAt`, or `createdAt`. */
  dueAt: number;
  /** When it will be tried next, while it waits. */
  nextAttemptAt?: number;
  /** Not sent after this time. */
  expiresAt: number;
  onUncertain: UncertainPolicy;
  /** The message began to go out, and nothing is known of it since. */
  messageStartedAt?: number;
  /** When it reached a final state. */
  endedAt?: number;
  envelope: Envelope;
  /** Absent once wiped. */
  content?: MailContent;
  recipients: Recipient[];
  attemptCount: number;
  /** The attempt count when the schedule began anew, by a retry. */
  scheduleFrom: number;
  attempts: Attempt[];
  deferralCount: number;
  lastDeferral?: Deferral;
  receipt?: Receipt;
}
