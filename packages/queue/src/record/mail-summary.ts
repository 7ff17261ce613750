/** A mail as a list shows it: its record without content, attempts and receipt. */
import { type MailRecord, mailStates } from '@posthouse/contract';
import type { Redis } from 'ioredis';
import { recordKey } from '../redis/keys.ts';
import { partNames } from './field-parts.ts';
import { namesIn } from './index-names.ts';
import { optional } from './json-fields.ts';
import { isWrongType, RecordError } from './record-error.ts';
import type { RecordFields } from './record-fields.ts';
import { maxTime } from './record-shape.ts';

const fieldNames = [
  ...['v', 'state', 'messageId', 'apiKey', 'template', 'locale', 'priority', 'tags', 'createdAt', 'dueAt', 'nextAttemptAt', 'endedAt'],
  ...['expiresAt', 'onUncertain', 'attemptCount', 'scheduleFrom', 'deferralCount', ...partNames('recipients'), ...partNames('envelope')],
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
  const summaries = await Promise.all(
    ids.map((id) =>
      redis.hmgetBuffer(recordKey(id), ...fieldNames).then(
        (values) => summaryOf(fields, id, values),
        (error) => {
          if (!isWrongType(error)) throw error;
          return unreadable(id, new Map(), 'the key of the record holds something else');
        },
      ),
    ),
  );
  return summaries.filter((summary) => summary !== undefined);
}

function summaryOf(fields: RecordFields, id: string, values: (Buffer | null)[]): MailSummary | undefined {
  const clear = new Map(fieldNames.map((name, n) => [name, values[n]?.toString() || undefined]));
  const state = clear.get('state') as MailRecord['state'] | undefined;
  if (state === undefined) return undefined;
  try {
    const list = fieldNames.flatMap((name, n) => (values[n] ? [Buffer.from(name), values[n]] : []));
    const { partial, template, locale, tags, priority, createdAt, dueAt, nextAttemptAt, endedAt, attemptCount, deferralCount, recipients } =
      fields.read(id, list);
    return {
      id,
      state,
      partial,
      tags,
      priority,
      createdAt,
      dueAt,
      attemptCount,
      deferralCount,
      recipients,
      ...latestOf(clear),
      ...optional('template', template),
      ...optional('locale', locale),
      ...optional('nextAttemptAt', nextAttemptAt),
      ...optional('endedAt', endedAt),
    };
  } catch (error) {
    if (!(error instanceof RecordError)) throw error;
    return unreadable(id, clear, error.message);
  }
}

type ClearFields = ReadonlyMap<string, string | undefined>;

/** What can be shown of any record, whatever its fields hold. A state that is none is shown as what a worker turns it into. */
function unreadable(id: string, clear: ClearFields, error: string): MailSummary {
  const number = (name: string) => {
    const value = Number(clear.get(name));
    return value >= 0 && value <= maxTime ? value : 0;
  };
  const state = mailStates.find((known) => known === clear.get('state')) ?? 'failed';
  const [createdAt, dueAt] = [number('createdAt'), number('dueAt')];
  const counts = { attemptCount: Math.floor(number('attemptCount')), deferralCount: Math.floor(number('deferralCount')) };
  const unknown = { partial: false, tags: [], priority: 'normal' as const, recipients: [] };
  return { id, state, createdAt, dueAt, ...optional('template', clear.get('template')), ...counts, ...unknown, ...latestOf(clear), error };
}

/** Of the latest attempt or deferral. */
function latestOf(clear: ClearFields): Pick<MailSummary, 'provider' | 'verdict' | 'reason' | 'group'> {
  const group = namesIn(clear.get('stateIndexes')).find((name) => name.startsWith('group:'));
  return {
    ...optional('provider', clear.get('provider')),
    ...optional('verdict', clear.get('verdict')),
    ...optional('reason', clear.get('reason')),
    ...optional('group', group?.slice('group:'.length)),
  };
}
