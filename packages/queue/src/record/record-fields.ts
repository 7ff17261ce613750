/**
 * Converts a record to the fields of one Redis hash, and back.
 *
 * In clear: ids, states, times, template, codes, provider, tags, and the names of the mail's indexes. Sealed: envelope, content,
 * metadata, and each attempt, deferral and receipt, because replies quote addresses. The addresses of `recipients` are in
 * the sealed envelope, in the same order as their outcomes in the clear field. What is the default, and what follows from other fields, is
 * not stored. Values of more than 63 bytes are stored in parts (field-parts.ts).
 */
import {
  type Attempt,
  contentStates,
  type Deferral,
  isFinal,
  limits,
  type MailRecord,
  type MailState,
  mailStates,
  type Priority,
  type Receipt,
  type Recipient,
  type UncertainPolicy,
  wordsOf,
} from '@posthouse/contract';
import { attemptNumbers, fromParts, inParts } from './field-parts.ts';
import { classIndex, fixedIndexes } from './index-names.ts';
import { actionsIn, optional, parseJson, putBackForKey } from './json-fields.ts';
import { messageIdOf } from './new-record.ts';
import { DecryptionError, KeyMissingError, RecordError } from './record-error.ts';
import { checkShape } from './record-shape.ts';
import { compactTranscript, containsReceipt, transcriptFrom, type WithSteps, withCodes, withoutCodes } from './sealed-transcripts.ts';
import { compactContent, compactEnvelope, contentFrom, envelopeFrom, type SealedContent, type SealedEnvelope } from './sealed-values.ts';
import { type Sealer, sealedVersion, sealingKeyId } from './sealer.ts';
import { searchKeyIndexes } from './search-keys.ts';
import { traceFields, traceFrom } from './trace-fields.ts';

type SealedField = 'envelope' | 'content' | 'keptContent' | 'metadata' | `attempt:${number}` | 'deferral' | 'receipt';

/** Names and values of fields in turn, as Redis returns them. */
export type FieldList = readonly Buffer[];

/** See `RecordFields.writeNew`. */
export interface NewFields {
  fields: (string | number | Buffer)[];
  indexes: string[];
}

const envelopeName = Buffer.from('envelope');

/** Converts records to fields and back. */
export class RecordFields {
  readonly #sealer: Sealer;
  readonly #searchKeys: boolean;

  /** @param searchKeys whether new records are in the indexes of their search keys */
  constructor(sealer: Sealer, searchKeys = false) {
    this.#sealer = sealer;
    this.#searchKeys = searchKeys;
  }

  /** See Sealer.checkValues. */
  get checkValues(): ReadonlyMap<string, string> {
    return this.#sealer.checkValues;
  }

  /** The key that seals what `write` returns, as the scripts take it that store a new record. */
  get keyCheckArgs(): { keyId: string; keyCheck: string } {
    const keyId = this.#sealer.sealingId;
    return { keyId, keyCheck: this.checkValues.get(keyId) as string };
  }

  /**
   * Names and values of all fields of a record, in turn; of one that a worker has begun without the indexes of reasons and failure groups.
   * @param fixed the names of the indexes that the mail never leaves
   */
  write(record: MailRecord, fixed = this.fixedIndexes(record)): (string | number | Buffer)[] {
    const fields: Record<string, string | number | Buffer | undefined> = {
      v: record.v,
      state: record.state,
      messageId: record.messageId === messageIdOf(record.id, record.envelope) ? undefined : record.messageId,
      apiKey: record.apiKey,
      copyOf: record.copyOf,
      ...traceFields(record.trace),
      template: record.template,
      locale: record.locale,
      templatesHash: record.templatesHash,
      priority: record.priority === 'normal' ? undefined : record.priority,
      tags: record.tags.length === 0 ? undefined : JSON.stringify(record.tags),
      createdAt: record.createdAt,
      dueAt: record.dueAt,
      nextAttemptAt: isDueSinceAcceptance(record) ? undefined : record.nextAttemptAt,
      expiresAt: record.expiresAt,
      onUncertain: record.onUncertain === 'resend' ? undefined : record.onUncertain,
      attemptCount: record.attemptCount || undefined,
      scheduleFrom: record.scheduleFrom || undefined,
      unansweredCount: record.unansweredCount,
      deferralCount: record.deferralCount || undefined,
      recipients: JSON.stringify(record.recipients.map(({ address: _sealed, ...outcome }) => withoutCodes(outcome))),
      envelope: this.seal(record.id, 'envelope', compactEnvelope(record)),
      content: record.content && this.seal(record.id, 'content', compactContent(record.content)),
      metadata: record.metadata && this.seal(record.id, 'metadata', record.metadata),
      fixedIndexes: fixed.join('\n'),
      endedAt: record.endedAt,
      actions: record.actions && JSON.stringify(record.actions),
      renderedHash: record.renderedHash,
      messageStartedAt: record.messageStartedAt,
      rejected: record.partial ? record.recipients.find(({ state }) => state === 'rejected')?.reason : undefined,
      ...(record.attempts.length > 0 || record.lastDeferral !== undefined || record.receipt !== undefined ? this.#deliveries(record) : {}),
      stateIndexes: classIndex(record),
    };
    const list: (string | number | Buffer)[] = [];
    for (const name in fields) {
      const value = fields[name];
      if (value === undefined) continue;
      const isShort = !Buffer.isBuffer(value) && name !== 'recipients' && name !== 'fixedIndexes';
      if (isShort) list.push(name, value);
      else list.push(...inParts(name, value as string | Buffer));
    }
    return list;
  }

  /**
   * @param id of the mail; with another id the sealed fields cannot be decrypted
   * @throws RecordError, or KeyMissingError, which is one
   */
  read(id: string, list: FieldList): MailRecord {
    const fields = new Map<string, Buffer>();
    for (let at = 0; at + 1 < list.length; at += 2) fields.set((list[at] as Buffer).toString(), list[at + 1] as Buffer);
    const text = (name: string) => fields.get(name)?.toString();
    const number = (name: string) => {
      const value = fields.has(name) ? Number(text(name) || Number.NaN) : undefined;
      if (Number.isNaN(value)) throw new RecordError(`the record's ${name} is not a number`);
      return value;
    };

    const version = text('v');
    if (version !== '1') throw new RecordError(`the record's version is ${version ?? 'missing'}; this process reads version 1`);
    const decrypt = <T>(name: SealedField): T | undefined => {
      const sealed = fromParts(name, fields);
      return sealed && this.decrypt<T>(id, name, sealed);
    };

    const stored = decrypt<SealedEnvelope>('envelope');
    const state = text('state') as MailState | undefined;
    const createdAt = number('createdAt');
    const dueAt = number('dueAt');
    if (!stored || !state || !mailStates.includes(state) || createdAt === undefined || dueAt === undefined) {
      throw new RecordError('a required field of the record is missing, or its state is unknown');
    }
    const { envelope, addresses } = envelopeFrom(stored);
    const outcomes = parseJson<Omit<Recipient, 'address'>[]>(fromParts('recipients', fields)?.toString(), 'recipients');
    if (!Array.isArray(outcomes) || outcomes.length !== addresses.length)
      throw new RecordError('the recipients of the record are not those of its envelope');

    const attempts: Attempt[] = [];
    let receipt = decrypt<Receipt>('receipt');
    for (const n of attemptNumbers(fields)) {
      const { receipt: contained, ...attempt } = decrypt<Omit<Attempt, 'number'> & { receipt?: Receipt }>(`attempt:${n}`) ?? {};
      attempts.push({ number: n, ...(attempt as Omit<Attempt, 'number'>) });
      if (contained !== undefined && contained.at >= (receipt?.at ?? 0)) receipt = contained;
    }
    const recipients = outcomes.map((outcome, index) => ({ ...(outcome && withCodes(outcome)), address: addresses[index] as string }));
    const attemptCount = number('attemptCount') ?? 0;
    const record: MailRecord = {
      v: 1,
      id,
      state,
      partial: state === 'sent' && recipients.some((recipient) => recipient.state === 'rejected'),
      messageId: text('messageId') ?? messageIdOf(id, envelope),
      apiKey: text('apiKey') ?? '',
      ...optional('copyOf', text('copyOf')),
      ...optional('trace', traceFrom(fields)),
      ...optional('template', text('template')),
      ...optional('locale', text('locale')),
      ...optional('templatesHash', text('templatesHash')),
      ...optional('renderedHash', text('renderedHash')),
      priority: (text('priority') ?? 'normal') as Priority,
      tags: parseJson<string[]>(text('tags') ?? '[]', 'tags'),
      ...optional('metadata', decrypt<Record<string, unknown>>('metadata')),
      createdAt,
      dueAt,
      ...optional('nextAttemptAt', isFinal(state) ? undefined : (number('nextAttemptAt') ?? dueAt)),
      expiresAt: number('expiresAt') ?? dueAt + limits.expiresAfterMs,
      onUncertain: (text('onUncertain') ?? 'resend') as UncertainPolicy,
      ...optional('messageStartedAt', number('messageStartedAt')),
      ...optional('endedAt', number('endedAt')),
      envelope,
      ...optional('content', contentFrom(decrypt<SealedContent>('content'))),
      ...optional('keptContent', decrypt<NonNullable<MailRecord['keptContent']>>('keptContent')),
      contentState: fields.has('content') ? 'complete' : (contentStates.find((known) => known === text('contentState')) ?? 'deleted'),
      ...optional('contentUntil', number('contentUntil')),
      recipients,
      attemptCount,
      scheduleFrom: number('scheduleFrom') ?? 0,
      attempts,
      ...optional('unansweredCount', number('unansweredCount')),
      ...optional('actions', actionsIn(text('actions'))),
      deferralCount: number('deferralCount') ?? 0,
      ...optional('lastDeferral', putBackForKey(text('keyMissing')) ?? decrypt<Deferral>('deferral')),
      ...optional('receipt', receipt),
    };
    checkShape(record);
    return record;
  }

  /** What a script stores of a new mail: its fields, and the names of its indexes. */
  writeNew(record: MailRecord): NewFields {
    const fixed = this.fixedIndexes(record);
    return { fields: this.write(record, fixed), indexes: [classIndex(record), ...fixed] };
  }

  /** The names of the indexes that a mail never leaves. @param searchKeys also those of its search keys; by default as for new records */
  fixedIndexes(record: MailRecord, searchKeys = this.#searchKeys): string[] {
    const digest = (value: string) => this.#sealer.digest(value);
    return [...new Set([...fixedIndexes(record, digest), ...(searchKeys ? searchKeyIndexes(record, digest) : [])])];
  }

  /**
   * A digest of what the server said about the gravest outcome of an attempt, without what differs from mail to mail: mails that failed for
   * the same cause have the same. '' where the server said nothing, or accepted.
   */
  cause(attempt: Pick<Attempt, 'verdict' | 'reason' | 'outcomes'>): string {
    const words = attempt.verdict === 'ACCEPT' ? undefined : wordsOf(attempt);
    return words === undefined ? '' : this.#sealer.digest(`cause:${words.toLowerCase()}`).slice(0, 8);
  }

  /** The id of the key that sealed a record. */
  keyIdOf(list: FieldList): string | undefined {
    const at = list.findIndex((name, n) => n % 2 === 0 && name.equals(envelopeName));
    const sealed = list[at + 1];
    return at === -1 || sealed === undefined ? undefined : sealingKeyId(sealed);
  }

  /**
   * Seals an attempt, and its receipt: in the attempt where that says the same already.
   * @param recipients how many the mail has; while that is not known the receipt is sealed apart
   * @param keyId as for `seal`
   * @returns `receipt` is '' where there is none, and where the attempt has it
   */
  sealAttempt(
    id: string,
    { number, ...attempt }: Attempt,
    receipt?: Receipt,
    recipients?: number,
    keyId?: string,
  ): { attempt: Buffer; receipt: Buffer | '' } {
    const isContained = receipt !== undefined && containsReceipt(attempt, receipt, recipients);
    const stored = compactTranscript(attempt, isContained ? receipt : undefined);
    return {
      attempt: this.#sealer.seal(JSON.stringify(stored), `${id}/attempt:${number}`, keyId),
      receipt: receipt === undefined || isContained ? '' : this.seal(id, 'receipt', receipt, keyId),
    };
  }

  /** Seals one value for one field of one mail. @param keyId of the key that sealed the record; by default the one that seals new ones */
  seal(id: string, field: SealedField, value: unknown, keyId?: string): Buffer {
    const stored = hasTranscript(field) ? compactTranscript(value as WithSteps) : value;
    return this.#sealer.seal(JSON.stringify(stored), `${id}/${field}`, keyId);
  }

  /** The fields for what happened when it was sent. */
  #deliveries({ id, attempts, lastDeferral, receipt, recipients }: MailRecord): Record<string, string | number | Buffer | undefined> {
    const deliveries = [...(lastDeferral === undefined ? [] : [{ ...lastDeferral, verdict: 'DEFER' as const }]), ...attempts.toReversed()];
    const latest = deliveries.sort((a, b) => b.at - a.at)[0];
    const last = attempts.at(-1);
    const sealed = attempts.map((attempt) => this.sealAttempt(id, attempt, attempt === last ? receipt : undefined, recipients.length));
    const receiptApart = sealed.at(-1)?.receipt ?? (receipt && this.seal(id, 'receipt', receipt));
    return {
      provider: latest?.provider,
      verdict: latest?.verdict,
      reason: latest?.reason,
      cause: (latest !== undefined && 'outcomes' in latest && this.cause(latest)) || undefined,
      deferral: lastDeferral && this.seal(id, 'deferral', lastDeferral),
      receipt: receiptApart || undefined,
      ...Object.fromEntries(attempts.map(({ number }, n) => [`attempt:${number}`, sealed[n]?.attempt])),
    };
  }

  /** Opens the value of one field. @throws RecordError, or KeyMissingError, which is one */
  decrypt<T>(id: string, field: SealedField, sealed: Buffer): T {
    try {
      const bound = sealedVersion(sealed) === 1 && field.startsWith('attempt:') ? 'attempt' : field;
      const stored = JSON.parse(this.#sealer.decrypt(sealed, `${id}/${bound}`));
      return (hasTranscript(field) ? transcriptFrom(stored) : stored) as T;
    } catch (error) {
      if (error instanceof KeyMissingError) throw error;
      const message = `the record's ${field} cannot be decrypted: ${(error as Error).message}`;
      const keyId = sealingKeyId(sealed);
      throw this.checkValues.has(keyId) ? new DecryptionError(message, keyId) : new RecordError(message);
    }
  }
}

/** Then it is not stored when the next attempt is. */
function isDueSinceAcceptance({ state, dueAt, nextAttemptAt }: MailRecord): boolean {
  return state === 'queued' && nextAttemptAt === dueAt;
}

function hasTranscript(field: SealedField): boolean {
  return field === 'deferral' || field.startsWith('attempt:');
}
