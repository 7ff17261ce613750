/** Records of queued, sent and failed mails. */
import type { MailRecord } from '@posthouse/contract';
import { newMailId, newRecord } from '@posthouse/queue';

/** A mail right after acceptance. @param agoMs how long ago it was accepted */
export function queued(agoMs = 0, address = 'anne@example.net'): MailRecord {
  const at = Date.now() - agoMs;
  const mail = {
    apiKey: 'signup-service',
    envelope: { from: { address: 'hello@example.com' }, to: [{ address }], cc: [], bcc: [], replyTo: [] },
    content: { template: { name: 'signup', locale: 'en', data: { nickname: 'Anne', email: address } }, attachments: [], headers: {} },
    templatesHash: 'a'.repeat(64),
    priority: 'normal' as const,
    tags: ['welcome'],
  };
  return newRecord(newMailId(at), mail, at);
}

/** A mail that ended with this reply of the provider `relay-1`. */
export function ended(state: 'sent' | 'failed', reason: string, agoMs = 0, address = 'anne@example.net'): MailRecord {
  const { nextAttemptAt: _never, ...record } = queued(agoMs, address);
  const at = record.createdAt + 500;
  const verdict = state === 'sent' ? 'ACCEPT' : 'FAIL';
  const outcome = { provider: 'relay-1', reason, code: Number(reason.slice(0, 3)) };
  return {
    ...record,
    state,
    endedAt: at,
    recipients: record.recipients.map((recipient) => ({ ...recipient, ...outcome, state: state === 'sent' ? 'accepted' : 'rejected', at })),
    attemptCount: 1,
    attempts: [
      {
        at,
        durationMs: 80,
        number: 1,
        verdict,
        provider: 'relay-1',
        reason,
        steps: [],
        outcomes: [{ address, verdict, reason, code: outcome.code }],
      },
    ],
  };
}
