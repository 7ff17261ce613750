/** A mail's record as the API tells it: times as ISO 8601, content only where it was asked for, sensitive data masked. */
import { type MailContent, type MailRecord, mailStates, priorities, uncertainPolicies } from '@posthouse/contract';
import type { Catalogue } from '@posthouse/templates/catalogue';
import { type Static, type TSchema, Type } from 'typebox';

const Time = Type.String({ format: 'date-time' });
/** A property that may be absent. */
export const maybe = <T extends TSchema>(schema: T) => Type.Optional(schema);
const MailboxSchema = Type.Object({ name: maybe(Type.String()), address: Type.String() });
const StepSchema = Type.Object({ atMs: Type.Integer(), command: Type.String(), reply: Type.String() });
const trySchema = {
  at: Time,
  durationMs: Type.Integer(),
  provider: maybe(Type.String()),
  reason: Type.String({ description: 'Reply code and enhanced status code, or what happened instead.' }),
  detail: maybe(Type.String()),
  steps: Type.Array(StepSchema),
};
const OutcomeSchema = Type.Object({
  address: Type.String(),
  verdict: Type.String(),
  reason: Type.String(),
  code: maybe(Type.Integer()),
  enhancedCode: maybe(Type.String()),
  reply: maybe(Type.String()),
});

/** The answer of `GET /v1/mails/{id}`. */
export const MailViewSchema = Type.Object({
  id: Type.String(),
  state: Type.Enum([...mailStates], { description: '`sent` means that the relay accepted it.' }),
  partial: Type.Boolean({ description: 'Sent, but some recipients were refused.' }),
  messageId: Type.String(),
  apiKey: Type.String({ description: 'Name of the key that asked for it.' }),
  template: maybe(Type.String()),
  locale: maybe(Type.String()),
  templatesHash: maybe(Type.String()),
  renderedHash: maybe(Type.String()),
  priority: Type.Enum([...priorities]),
  tags: Type.Array(Type.String()),
  metadata: maybe(Type.Record(Type.String(), Type.Unknown())),
  createdAt: Time,
  dueAt: Time,
  nextAttemptAt: maybe(Time),
  endedAt: maybe(Time),
  expiresAt: Time,
  onUncertain: Type.Enum([...uncertainPolicies]),
  from: MailboxSchema,
  recipients: Type.Array(
    Type.Object({
      address: Type.String(),
      kind: Type.String(),
      state: Type.String(),
      at: maybe(Time),
      provider: maybe(Type.String()),
      reason: maybe(Type.String()),
      uncertain: maybe(Type.Boolean({ description: 'Pending, and nobody knows whether the message arrived.' })),
      code: maybe(Type.Integer()),
      enhancedCode: maybe(Type.String()),
    }),
  ),
  attemptCount: Type.Integer(),
  attempts: Type.Array(Type.Object({ number: Type.Integer(), verdict: Type.String(), ...trySchema, outcomes: Type.Array(OutcomeSchema) })),
  deferralCount: Type.Integer(),
  lastDeferral: maybe(Type.Object(trySchema)),
  receipt: maybe(Type.Object({ at: Time, provider: Type.String(), response: Type.String(), accepted: Type.Array(Type.String()) })),
  content: maybe(
    Type.Object({
      template: maybe(Type.Object({ name: Type.String(), locale: Type.String(), data: Type.Record(Type.String(), Type.Unknown()) })),
      literal: maybe(Type.Object({ subject: Type.String(), html: maybe(Type.String()), text: maybe(Type.String()) })),
      attachments: Type.Array(Type.Object({ filename: Type.String(), contentType: maybe(Type.String()), bytes: Type.Integer() })),
      headers: Type.Record(Type.String(), Type.String()),
    }),
  ),
});

/** A mail as the API tells it. */
export type MailView = Static<typeof MailViewSchema>;

/** @param catalogue knows which of a template's data are sensitive */
export function viewMail(record: MailRecord, catalogue: Catalogue): MailView {
  const { v: _version, envelope, content, expiresAt, lastDeferral, receipt, ...shared } = record;
  return {
    ...viewShared(shared),
    expiresAt: iso(expiresAt),
    from: envelope.from,
    attempts: record.attempts.map((attempt) => ({ ...attempt, at: iso(attempt.at) })),
    ...(lastDeferral !== undefined && { lastDeferral: { ...lastDeferral, at: iso(lastDeferral.at) } }),
    ...(receipt !== undefined && { receipt: { ...receipt, at: iso(receipt.at) } }),
    ...(content !== undefined && { content: viewContent(content, catalogue) }),
  };
}

/** What a list tells of a mail as well: its times and recipients as the API tells them, all else as it is. */
export function viewShared<T extends Pick<MailRecord, 'createdAt' | 'dueAt' | 'nextAttemptAt' | 'endedAt' | 'recipients'>>(mail: T) {
  const { createdAt, dueAt, nextAttemptAt, endedAt, recipients, ...same } = mail;
  return {
    ...same,
    createdAt: iso(createdAt),
    dueAt: iso(dueAt),
    ...(nextAttemptAt !== undefined && { nextAttemptAt: iso(nextAttemptAt) }),
    ...(endedAt !== undefined && { endedAt: iso(endedAt) }),
    recipients: recipients.map(({ at, ...recipient }) => ({ ...recipient, ...(at !== undefined && { at: iso(at) }) })),
  };
}

function viewContent(content: MailContent, catalogue: Catalogue): NonNullable<MailView['content']> {
  const { template, literal, attachments, headers } = content;
  return {
    ...(template !== undefined && { template: { ...template, data: catalogue.masked(template.name, template.data) } }),
    ...(literal !== undefined && { literal }),
    attachments: attachments.map(({ filename, contentType, content: base64 }) => ({
      filename,
      ...(contentType !== undefined && { contentType }),
      bytes: Buffer.byteLength(base64, 'base64'),
    })),
    headers,
  };
}

/** @param ms since the epoch */
export function iso(ms: number): string {
  return new Date(ms).toISOString();
}
