/** A mail as a list shows it: its record without content, attempts and receipt. */
import type { MailRecord } from '@posthouse/contract';
import type { Redis } from 'ioredis';
import { recordKey } from '../redis/keys.ts';
import { namesIn } from './index-names.ts';
import { RecordError } from './record-error.ts';
import { optional, type RecordFields } from './record-fields.ts';

const fieldNames = [
  ...[
    'v',
    'id',
    'state',
    'messageId',
    'apiKey',
    'template',
    'locale',
    'priority',
    'tags',
    'createdAt',
    'dueAt',
    'nextAttemptAt',
    'endedAt',
  ],
  ...['expiresAt', 'onUncertain', 'attemptCount', 'scheduleFrom', 'deferralCount', 'recipients', 'envelope'],
  ...['provider', 'verdict', 'reason', 'stateIndexes'],
];

/** A mail in a list. */
export interface MailSummary
  extends Pick<
    MailRecord,
    | 'id'
    | 'state'
    | 'partial'
    | 'template'
    | 'locale'
    | 'tags'
    | 'priority'
    | 'createdAt'
    | 'dueAt'
    | 'nextAttemptAt'
    | 'endedAt'
    | 'attemptCount'
    | 'deferralCount'
    | 'recipients'
  > {
  /** Of the latest attempt or deferral. */
  provider?: string;
  verdict?: string;
  reason?: string;
  /** The failure group that it is in, if any. */
  group?: string;
  /** Why its record cannot be read; the recipients are unknown then. */
  error?: string;
}

/** Reads mails for a list. Mails without a record are left out. */
export async function readSummaries(redis: Redis, fields: RecordFields, ids: readonly string[]): Promise<MailSummary[]> {
  const records = await Promise.all(ids.map((id) => redis.hmgetBuffer(recordKey(id), ...fieldNames)));
  return records.flatMap((values, n) => {
    const summary = summaryOf(fields, ids[n] as string, values);
    return summary === undefined ? [] : [summary];
  });
}

function summaryOf(fields: RecordFields, id: string, values: (Buffer | null)[]): MailSummary | undefined {
  const clear = new Map(fieldNames.map((name, n) => [name, values[n]?.toString() || undefined]));
  const state = clear.get('state') as MailRecord['state'] | undefined;
  if (state === undefined) return undefined;
  const { group } = namesIn(clear.get('stateIndexes'));
  const latest = {
    ...optional('provider', clear.get('provider')),
    ...optional('verdict', clear.get('verdict')),
    ...optional('reason', clear.get('reason')),
    ...optional('group', group?.slice('group:'.length)),
  };
  try {
    const list = fieldNames.flatMap((name, n) => (values[n] ? [Buffer.from(name), values[n]] : []));
    const { partial, template, locale, tags, priority, createdAt, dueAt, nextAttemptAt, endedAt, attemptCount, deferralCount, recipients } =
      fields.read(id, list);
    return {
      ...{ id, state, partial, tags, priority, createdAt, dueAt, attemptCount, deferralCount, recipients, ...latest },
      ...{ ...optional('template', template), ...optional('locale', locale) },
      ...{ ...optional('nextAttemptAt', nextAttemptAt), ...optional('endedAt', endedAt) },
    };
  } catch (error) {
    if (!(error instanceof RecordError)) throw error;
    const number = (name: string) => Number(clear.get(name)) || 0;
    const [createdAt, dueAt] = [number('createdAt'), number('dueAt')];
    const counts = { attemptCount: number('attemptCount'), deferralCount: number('deferralCount') };
    const unknown = { partial: false, tags: [], priority: 'normal' as const, recipients: [] };
    const template = optional('template', clear.get('template'));
    return { id, state, createdAt, dueAt, ...template, ...counts, ...unknown, ...latest, error: error.message };
  }
}
