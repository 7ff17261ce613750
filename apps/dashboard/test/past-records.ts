/** Records of mails in each state, with their attempts. */
import type { Attempt, MailRecord, RecordedOutcome, Step, Verdict } from '@posthouse/contract';
import { type NewMail, newMailId, newRecord } from '@posthouse/queue';

const minute = 60_000;
const reset = { nickname: '하루', resetUrl: 'https://yourhouse.example/reset/planted-token', expiresInMinutes: 30 };

/** A mail right after acceptance. @param mail the fields that matter to the test */
export function acceptedRecord(mail: Partial<NewMail> = {}, at = Date.now()): MailRecord {
  const envelope = { from: { name: '오늘은 너네집', address: 'hello@yourhouse.example' }, to: [{ address: 'anne@example.net' }] };
  return newRecord(
    newMailId(),
    {
      apiKey: 'signup-service',
      envelope: { ...envelope, cc: [], bcc: [], replyTo: [] },
      content: { template: { name: 'password-reset', locale: 'ko', data: reset }, attachments: [], headers: {} },
      templatesHash: '0123456789abcdef',
      priority: 'high',
      tags: ['reset'],
      ...mail,
    },
    at,
  );
}

/** One attempt for the only recipient. @param reply the last one; '' for none */
export function attempt(number: number, at: number, verdict: Verdict, reply: string): Attempt {
  const [reason = ''] = /^\d{3}( \d\.\d+\.\d+)?/.exec(reply) ?? ['no-reply'];
  const recipientRefused = verdict === 'FAIL' || verdict === 'RETRY';
  const steps: Step[] = [
    { atMs: 1, command: 'MAIL FROM:<hello@yourhouse.example>', reply: '250 2.1.0 Ok' },
    { atMs: 14, command: 'RCPT TO:<anne@example.net>', reply: recipientRefused ? reply : '250 2.1.5 Ok' },
    ...(recipientRefused ? [] : [{ atMs: 15, command: 'DATA', reply: '354 End data with <CR><LF>.<CR><LF>' }]),
    ...(recipientRefused ? [] : [{ atMs: 41, command: '.', reply }]),
  ];
  const outcome: RecordedOutcome = { address: 'anne@example.net', verdict, reason, ...(reply !== '' && { reply }) };
  return { number, at, durationMs: 42, provider: 'relay-1', verdict, reason, steps, outcomes: [outcome] };
}

/** A record of each kind, by its name. */
export function pastRecords(now = Date.now()) {
  const began = now - 40 * minute;
  const base = () => ({ ...acceptedRecord({}, began), renderedHash: '0123456789abcdef' });
  const outcome = (state: 'accepted' | 'rejected' | 'pending', reason: string, at: number) => ({
    ...{ address: 'anne@example.net', kind: 'to' as const, state, reason, at, provider: 'relay-1' },
  });
  const { content: _wiped, ...whole } = base();
  const sent = { ...whole, contentState: 'deleted' as const };
  const sentAt = began + 900;
  const receipt = { at: sentAt, provider: 'relay-1', response: '250 2.0.0 Ok: queued as 4F2A11C0', accepted: ['anne@example.net'] };
  const full = '452 4.2.2 Mailbox full';
  const greylisted = [1, 2].map((n) => attempt(n, began + n * 5 * minute, 'RETRY', full));
  const away = {
    at: now - 30_000,
    durationMs: 3,
    provider: 'relay-1',
    reason: 'ECONNREFUSED',
    detail: 'connect ECONNREFUSED 192.0.2.7:465',
    steps: [],
  };
  return {
    sent: {
      ...sent,
      state: 'sent',
      endedAt: sentAt,
      recipients: [outcome('accepted', '250 2.0.0', sentAt)],
      attemptCount: 1,
      attempts: [attempt(1, began + 850, 'ACCEPT', receipt.response)],
      receipt,
    },
    partial: {
      ...base(),
      state: 'sent',
      partial: true,
      endedAt: sentAt,
      envelope: { ...sent.envelope, to: [{ name: 'Anne', address: 'anne@example.net' }, { address: 'nobody@example.org' }] },
      recipients: [
        outcome('accepted', '250 2.0.0', sentAt),
        { ...outcome('rejected', '550 5.1.1', sentAt), address: 'nobody@example.org' },
      ],
      attemptCount: 1,
      attempts: [
        {
          ...attempt(1, began + 850, 'ACCEPT', receipt.response),
          verdict: 'FAIL',
          reason: '550 5.1.1',
          outcomes: [
            { address: 'anne@example.net', verdict: 'ACCEPT', reason: '250 2.0.0' },
            { address: 'nobody@example.org', verdict: 'FAIL', reason: '550 5.1.1' },
          ],
        },
      ],
      receipt,
    },
    failed: {
      ...base(),
      state: 'failed',
      endedAt: began + 20 * minute,
      recipients: [outcome('rejected', '550 5.1.1', began + 20 * minute)],
      attemptCount: 3,
      attempts: [
        ...greylisted,
        attempt(3, began + 20 * minute, 'FAIL', '550 5.1.1 <anne@example.net>: user unknown in virtual mailbox table'),
      ],
      metadata: { order: 'A-1029', customer: { id: 42 } },
    },
    retrying: {
      ...base(),
      state: 'retrying',
      nextAttemptAt: now + 11 * minute,
      recipients: [outcome('pending', '452 4.2.2', began + 10 * minute)],
      attemptCount: 2,
      attempts: greylisted,
      deferralCount: 4,
      lastDeferral: away,
    },
    uncertain: {
      ...base(),
      state: 'uncertain',
      onUncertain: 'hold',
      endedAt: began + 2 * minute,
      recipients: [{ ...outcome('pending', 'no-reply', began + 2 * minute), uncertain: true }],
      attemptCount: 1,
      attempts: [
        {
          ...attempt(1, began, 'UNKNOWN', ''),
          detail: 'The worker that sent the message died before the reply came.',
          steps: [],
        },
      ],
    },
    scheduled: acceptedRecord({ scheduledAt: now + 90 * minute, tags: [] }, began),
    expired: {
      ...sent,
      id: newMailId(),
      state: 'expired',
      endedAt: began + 60 * minute,
      recipients: [outcome('rejected', 'expired', began + 60 * minute)],
      deferralCount: 9,
      lastDeferral: { ...away, at: began + 55 * minute },
    },
  } satisfies Record<string, MailRecord>;
}
