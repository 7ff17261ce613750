/** Records in a real Redis, changed by transitions alone. */
import { type MailRecord, retention, timings } from '@posthouse/contract';
import { RedisProcess } from '@posthouse/devkit';
import { WorkerConnection } from '../src/connection/worker-connection.ts';
import type { NewMail } from '../src/record/new-record.ts';
import { newMailId, newRecord } from '../src/record/new-record.ts';
import { endedKey, mailKeys, recordKey, unfinishedKey } from '../src/redis/keys.ts';
import { accept } from '../src/transitions/accept.ts';
import { failUnreadable } from '../src/transitions/fail-unreadable.ts';
import { purge } from '../src/transitions/purge.ts';
import { type AttemptResult, LeasedMail } from '../src/worker/leased-mail.ts';
import { sampleMail, sealer } from './sample-mail.ts';

/** Timings that a test can sit out; the rest are those of production. */
export const quick = { ...timings, crashBackoff: 40, reply: { ...timings.reply, unknown: 500 } };

/** The token of the lock that `held` claims to have. */
const token = 'token';

export class RecordsFixture {
  readonly server = new RedisProcess();
  readonly #runs = new Map<string, LeasedMail>();
  connection!: WorkerConnection;

  async start(): Promise<void> {
    await this.server.start();
    this.connection = new WorkerConnection(this.server.url, sealer, { timings: quick, retention }, () => undefined);
    await this.connection.start();
  }

  async stop(): Promise<void> {
    await this.connection.stop();
    await this.server.stop();
  }

  get redis() {
    return this.connection.redis;
  }

  get records() {
    return this.connection.records;
  }

  /** The run that has the mail: the same one each time. */
  held(id: string): LeasedMail {
    const held = this.#runs.get(id) ?? this.anotherRun(id);
    this.#runs.set(id, held);
    return held;
  }

  anotherRun(id: string): LeasedMail {
    return new LeasedMail(id, token, this.records);
  }

  /** The next `held` is another run. */
  forgetRun(id: string): void {
    this.#runs.delete(id);
  }

  async accept(record: MailRecord): Promise<void> {
    const { id, dueAt, createdAt } = record;
    const args = { id, dueAt, now: createdAt, keepTraffic: retention.traffic };
    await this.records.run(accept, mailKeys(id), args, this.records.fields.write(record));
  }

  /** A mail as the API has accepted it. */
  async accepted(change: Partial<NewMail> = {}): Promise<MailRecord> {
    const record = newRecord(newMailId(), sampleMail(change), Date.now());
    await this.accept(record);
    return record;
  }

  /** A mail that a run has taken. */
  async begun(change: Partial<NewMail> = {}): Promise<MailRecord> {
    const found = await this.held((await this.accepted(change)).id).begin();
    if (found.kind !== 'ready') throw new Error(found.kind);
    return found.record;
  }

  /** A mail behind the gate. */
  async behindTheGate(change: Partial<NewMail> = {}): Promise<MailRecord> {
    const record = await this.begun(change);
    await this.redis.set(`{posthouse}:mail:${record.id}:lock`, token);
    if ((await this.held(record.id).gate()).kind !== 'open') throw new Error('the gate denied it');
    return record;
  }

  async recordAttempt(record: MailRecord, ...states: ('accepted' | 'refused' | 'pending' | 'uncertain')[]): Promise<string> {
    const result = await this.held(record.id).recordAttempt(conclusion(...states));
    return result.kind === 'changed' ? result.state : result.kind;
  }

  async read(record: MailRecord): Promise<MailRecord> {
    return (await this.records.read(record.id, true)) as MailRecord;
  }

  /** What the sweeper does at that time with a mail that has ended. */
  async purgeAt(id: string, now: number): Promise<string | null> {
    return await this.records.run(purge, { record: recordKey(id), ended: endedKey }, { now, id });
  }

  async failUnreadable(id: string, reason: string): Promise<void> {
    await this.records.run(failUnreadable, mailKeys(id), { now: Date.now(), id, reason, ...this.records.retentionArgs });
  }

  /** ms until the record is forgotten; -1 while it has not ended. */
  async keptFor(record: MailRecord): Promise<number> {
    const until = await this.redis.zscore(endedKey, record.id);
    return until === null ? await this.redis.pttl(recordKey(record.id)) : Number(until) - Date.now();
  }

  /** Whether the sweeper would look after it. */
  async isOpen(record: MailRecord): Promise<boolean> {
    return (await this.redis.zscore(unfinishedKey, record.id)) !== null;
  }
}

/** Three recipients. */
export const three = { ...sampleMail().envelope, to: ['a', 'b', 'c'].map((name) => ({ address: `${name}@example.com` })) };

/** What an attempt came to, by recipient. */
export function conclusion(...states: ('accepted' | 'refused' | 'pending' | 'uncertain')[]): AttemptResult {
  return {
    attempt: { at: 1, durationMs: 2, provider: 'ses', verdict: 'ACCEPT', reason: '250 2.0.0', steps: [], outcomes: [] },
    recipients: states.map((state, index) => ({
      index,
      state: state === 'uncertain' ? 'pending' : state,
      at: 5,
      provider: 'ses',
      reason: '250 2.0.0',
      ...(state === 'uncertain' && { uncertain: true as const }),
      code: 250,
    })),
    renderedHash: 'hash-2',
    nextAttemptAt: Date.now() + 60_000,
    hold: false,
  };
}
