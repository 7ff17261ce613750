/**
 * The record: the only truth about a mail. The API, the worker, the dashboard and the command line all read it. This is its decrypted
 * form; packages/queue seals content, addresses and replies before they are stored in Redis.
 */
import type { Mailbox } from './address.ts';
import type { Attempt, Deferral, Receipt } from './delivery-attempt.ts';
import type { Priority, UncertainPolicy } from './mail-policy.ts';
import type { Attachment } from './mail-schema.ts';
import type { MailState, RecipientState } from './mail-state.ts';
import type { TraceContext } from './trace-context.ts';

/** The mail's address headers. Sealed; kept as long as the record. */
export interface Envelope {
  from: Mailbox;
  to: Mailbox[];
  cc: Mailbox[];
  bcc: Mailbox[];
  replyTo: Mailbox[];
  /** The envelope sender of a raw message, where it is not `from`: an address, or `<>` for none. */
  returnPath?: string;
}

/** The content of the message. Sealed; once the mail has ended, deleted or replaced by `KeptContent`, unless it can still be retried. */
export interface MailContent {
  /** To be rendered from a template; `data` was checked against its schema at acceptance. */
  template?: { name: string; locale: string; data: Record<string, unknown> };
  /** Or given by the caller as it is. */
  literal?: { subject: string; html?: string; text?: string };
  /** Or a whole message of the caller's, in base64, without Bcc; its subject is decoded. */
  raw?: { subject: string; message: string };
  attachments: Attachment[];
  headers: Record<string, string>;
}

/** A template mail once it is sent: no value that its template called sensitive when it was sent. */
export interface KeptTemplate {
  name: string;
  locale: string;
  /** With a mask in place of each sensitive value. */
  data: Record<string, unknown>;
  /** As rendered with this data. */
  subject: string;
  /** JSON pointers to the masks. */
  omitted: string[];
}

/** What is kept of the content once the mail is sent. Sealed, in a key of its own. */
export interface KeptContent {
  template?: KeptTemplate;
  literal?: NonNullable<MailContent['literal']>;
  /** Without the message where that is large. */
  raw?: { subject: string; message?: string };
  /** Without their content. */
  attachments: { filename: string; contentType?: string; bytes: number }[];
  headers: Record<string, string>;
}

/**
 * What is left of a mail's content: all of it; what is kept of a sent mail, without sensitive values and attachments (of a mail that has
 * neither, that is `complete` as well); or nothing.
 */
export const contentStates = ['complete', 'reduced', 'deleted'] as const;

export type ContentState = (typeof contentStates)[number];

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
  /** Pending, and it is unknown whether the message arrived. */
  uncertain?: true;
  /** Accepted because a user confirmed that the message had arrived; no reply did. */
  resolved?: true;
  code?: number;
  enhancedCode?: string;
}

/** An action that changed a mail, and who took it. */
export interface RecordedAction {
  /** ms since the epoch. */
  at: number;
  action: string;
  /** The name of a user or of an API key. */
  who: string;
  /** `API key`, or the role of the user; absent for a bulk action. */
  role?: string;
  /** The id of the bulk action that it was part of. */
  bulk?: string;
}

/** One mail, with everything that is known about it. Times are ms since the epoch. */
export interface MailRecord {
  /** The record's version. A worker refuses one that it does not know. */
  v: 1;
  /** A UUIDv7; also the BullMQ jobId and the left half of the Message-ID. */
  id: string;
  state: MailState;
  /** With `sent`: some recipients were rejected. */
  partial: boolean;
  messageId: string;
  /** Name of the API key that requested it. */
  apiKey: string;
  /** The id of the mail that it is a copy of; absent for none. `MailQueue.copyIds` finds the copies of a mail. */
  copyOf?: string;
  /** Where in which trace it was requested; absent where the caller sent none. */
  trace?: TraceContext;
  /** Template name and locale; absent when the caller wrote the content. */
  template?: string;
  locale?: string;
  /** Hash of the template set at acceptance. */
  templatesHash?: string;
  /** Hash of the template set that its latest message was rendered with. */
  renderedHash?: string;
  priority: Priority;
  tags: string[];
  metadata?: Record<string, unknown>;
  createdAt: number;
  /** When it may first be sent: `scheduledAt`, or `createdAt`. */
  dueAt: number;
  /** When it is tried next, while it waits. */
  nextAttemptAt?: number;
  /** Not sent after this time. */
  expiresAt: number;
  onUncertain: UncertainPolicy;
  /** When the gate opened for a message whose outcome is not stored yet. */
  messageStartedAt?: number;
  /** When it reached its final state. */
  endedAt?: number;
  envelope: Envelope;
  /** Absent once deleted or replaced, and where it was not read. */
  content?: MailContent;
  /** Of a sent mail. Absent where nothing was kept, and where it was not read. */
  keptContent?: KeptContent;
  /** As it was when the record was read. */
  contentState: ContentState;
  /** When what is left of the content is deleted, or was deleted because its retention ended; ms since the epoch. */
  contentUntil?: number;
  recipients: Recipient[];
  attemptCount: number;
  /** The attempt count at which a user's retry restarted the schedule; 0 without one. */
  scheduleFrom: number;
  attempts: Attempt[];
  /** Attempts whose message was sent and got no reply within the deadline, since the schedule began; absent for none. */
  unansweredCount?: number;
  /** What users and API keys did to it, the latest last; absent for nothing. */
  actions?: RecordedAction[];
  deferralCount: number;
  lastDeferral?: Deferral;
  receipt?: Receipt;
}
