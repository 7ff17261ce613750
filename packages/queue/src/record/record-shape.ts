/**
 * The fields of a record that are in clear can be edited by anyone who writes to Redis. What is not a record any more is found when it is
 * read, and not by whatever shows or sends it: one edited record must not make a whole list fail.
 */
import { checker, type MailRecord, mailStates, priorities, type SchemaCheck, uncertainPolicies } from '@posthouse/contract';
import { RecordError } from './record-error.ts';

/** ms since the epoch, up to the latest time that a Date can be. */
export const maxTime = 8.64e15;

const time = { type: 'number', minimum: 0, maximum: maxTime };
const count = { type: 'integer', minimum: 0 };
const text = { type: 'string' };

const shape = {
  type: 'object',
  properties: {
    state: { enum: mailStates },
    priority: { enum: priorities },
    onUncertain: { enum: uncertainPolicies },
    tags: { type: 'array', items: text },
    createdAt: time,
    dueAt: time,
    nextAttemptAt: time,
    expiresAt: time,
    messageStartedAt: time,
    endedAt: time,
    contentUntil: time,
    attemptCount: count,
    scheduleFrom: count,
    unansweredCount: count,
    deferralCount: count,
    recipients: {
      type: 'array',
      items: {
        type: 'object',
        required: ['address', 'kind', 'state'],
        properties: {
          address: text,
          kind: { enum: ['to', 'cc', 'bcc'] },
          state: { enum: ['pending', 'accepted', 'rejected'] },
          at: time,
          provider: text,
          reason: text,
          uncertain: { type: 'boolean' },
          resolved: { type: 'boolean' },
          code: { type: 'integer' },
          enhancedCode: text,
        },
      },
    },
    lastDeferral: { type: 'object', required: ['at'], properties: { at: time } },
  },
};

let check: SchemaCheck | undefined;

/** Compiles the check, which takes as long as several mails: a worker calls it before its first one. */
export function prepareShapeCheck(): void {
  check ??= checker(shape);
}

/** @throws RecordError that names the first field that is wrong */
export function checkShape(record: MailRecord): void {
  check ??= checker(shape);
  const [issue] = check(record);
  if (issue !== undefined) throw new RecordError(`the record's ${issue.pointer.slice(1)} ${issue.message}`);
}
