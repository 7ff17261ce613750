/** The schemas of a mail as the API returns it; `viewMail` and `viewListed` of packages/queue make it. */
import { contentStates, limits, mailStates, priorities, uncertainPolicies } from '@posthouse/contract';
import { type Static, type TSchema, Type } from 'typebox';

const Time = Type.String({ format: 'date-time' });
/** A property that may be absent. */
export const maybe = <T extends TSchema>(schema: T) => Type.Optional(schema);
const MailboxSchema = Type.Object({ name: maybe(Type.String()), address: Type.String() }, { title: 'Sender' });
const StepSchema = Type.Object({ atMs: Type.Integer(), command: Type.String(), reply: Type.String() }, { title: 'Step' });
const attemptFields = {
  at: Time,
  durationMs: Type.Integer(),
  provider: maybe(Type.String()),
  reason: Type.String({ description: 'Reply code and enhanced status code, or another reason code.' }),
  detail: maybe(Type.String()),
  steps: Type.Array(StepSchema),
};
const OutcomeSchema = Type.Object(
  {
    address: Type.String(),
    verdict: Type.String(),
    reason: Type.String(),
    code: maybe(Type.Integer()),
    enhancedCode: maybe(Type.String()),
    reply: maybe(Type.String()),
  },
  { title: 'Outcome' },
);
const StateSchema = Type.Enum([...mailStates], { title: 'MailState', description: '`sent` means accepted by the relay.' });
const RecipientSchema = Type.Object(
  {
    address: Type.String(),
    kind: Type.String(),
    state: Type.String(),
    at: maybe(Time),
    provider: maybe(Type.String()),
    reason: maybe(Type.String()),
    uncertain: maybe(Type.Boolean({ description: 'Pending, and it is unknown whether the message was delivered.' })),
    resolved: maybe(Type.Boolean({ description: 'Accepted because a user confirmed the delivery.' })),
    code: maybe(Type.Integer()),
    enhancedCode: maybe(Type.String()),
  },
  { title: 'Recipient' },
);

/** A mail whose record can be read. */
const MailViewSchema = Type.Object({
  id: Type.String(),
  state: StateSchema,
  partial: Type.Boolean({ description: 'Sent, but some recipients were rejected.' }),
  messageId: Type.String(),
  apiKey: Type.String({ description: 'Name of the API key that the mail was sent with.' }),
  copyOf: maybe(Type.String({ description: 'The id of the mail that this one is a copy of.' })),
  copies: maybe(Type.Array(Type.String(), { description: `The ids of its newest copies, newest first, at most ${limits.copiesListed}.` })),
  template: maybe(Type.String()),
  locale: maybe(Type.String()),
  templatesHash: maybe(Type.String()),
  renderedHash: maybe(Type.String()),
  priority: Type.Enum([...priorities], { title: 'Priority' }),
  tags: Type.Array(Type.String()),
  metadata: maybe(Type.Record(Type.String(), Type.Unknown())),
  createdAt: Time,
  dueAt: Time,
  nextAttemptAt: maybe(Time),
  endedAt: maybe(Time),
  expiresAt: Time,
  onUncertain: Type.Enum([...uncertainPolicies]),
  from: MailboxSchema,
  recipients: Type.Array(RecipientSchema),
  attemptCount: Type.Integer(),
  attempts: Type.Array(
    Type.Object(
      { number: Type.Integer(), verdict: Type.String(), ...attemptFields, outcomes: Type.Array(OutcomeSchema) },
      { title: 'Attempt' },
    ),
  ),
  deferralCount: Type.Integer(),
  lastDeferral: maybe(Type.Object(attemptFields, { title: 'Deferral' })),
  receipt: maybe(
    Type.Object({ at: Time, provider: Type.String(), response: Type.String(), accepted: Type.Array(Type.String()) }, { title: 'Receipt' }),
  ),
  contentState: Type.Enum([...contentStates], {
    description:
      'What is left of the content: all of it; what is kept of a sent mail, without sensitive values and attachments; or nothing. See docs/mail-lifecycle.md.',
  }),
  contentUntil: maybe(
    Type.String({ format: 'date-time', description: 'When what is left of the content is deleted, or was because its retention ended.' }),
  ),
  content: maybe(
    Type.Object(
      {
        template: maybe(
          Type.Object({
            name: Type.String(),
            locale: Type.String(),
            data: Type.Record(Type.String(), Type.Unknown()),
            subject: maybe(Type.String({ description: 'Of a sent mail: the subject, with sensitive values masked.' })),
            omitted: maybe(
              Type.Array(Type.String(), { description: 'Of a sent mail: JSON pointers to the values of `data` that were not kept.' }),
            ),
          }),
        ),
        literal: maybe(Type.Object({ subject: Type.String(), html: maybe(Type.String()), text: maybe(Type.String()) })),
        raw: maybe(
          Type.Object({
            subject: Type.String(),
            message: maybe(Type.String({ description: 'In base64; of a sent mail only where it has at most 1 MiB.' })),
          }),
        ),
        attachments: Type.Array(Type.Object({ filename: Type.String(), contentType: maybe(Type.String()), bytes: Type.Integer() })),
        headers: Type.Record(Type.String(), Type.String()),
      },
      { title: 'KeptContent' },
    ),
  ),
});

const listedFields = [
  ...(['id', 'state', 'partial', 'template', 'locale', 'priority', 'tags', 'createdAt', 'dueAt', 'nextAttemptAt', 'endedAt'] as const),
  ...(['recipients', 'attemptCount', 'deferralCount'] as const),
];

/** A mail of `GET /v1/mails`. */
export const ListedMailSchema = Type.Object(
  {
    ...Type.Pick(MailViewSchema, listedFields).properties,
    provider: maybe(
      Type.String({ description: 'Provider of the latest delivery attempt; `verdict` and `reason` are of the same attempt.' }),
    ),
    verdict: maybe(Type.String()),
    reason: maybe(Type.String()),
    group: maybe(Type.String({ description: 'The failure group of a failing mail.' })),
    issue: maybe(
      Type.String({
        description: 'Why the record cannot be read; its recipients are unknown then, and fields that are sealed are missing.',
      }),
    ),
  },
  { title: 'ListedMail' },
);

/** The response of `GET /v1/mails/{id}`: one object, not one of two, because generators make more of that. */
export const MailRecordSchema = Type.Object(
  { ...Type.Partial(MailViewSchema).properties, ...ListedMailSchema.properties },
  {
    title: 'MailRecord',
    description:
      'The mail with its recipients, attempts and receipt. Of one whose record cannot be read only what the list shows is there, and why in `issue`.',
  },
);

/** A mail as the API returns it. */
export type MailView = Static<typeof MailViewSchema>;
