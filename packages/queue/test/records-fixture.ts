/** Records in a real Redis, changed only by transitions. */
import { type MailRecord, retention, timings } from '@posthouse/contract';
import { patientDurations, RedisProcess } from '@posthouse/devkit';
import { RequestConnection } from '../src/connection/request-connection.ts';
import { WorkerConnection } from '../src/connection/worker-connection.ts';
import type { NewMail } from '../src/record/new-record.ts';
import { newMailId, newRecord } from '../src/record/new-record.ts';
import {
  contentKey,
  endedKey,
  indexPrefix,
  mailKeys,
  pagePrefix,
  recordKey,
  secretsKey,
  sizesKey,
  unfinishedKey,
} from '../src/redis/keys.ts';
import { packForLua } from '../src/redis/lua-values.ts';
import { runScript, script } from '../src/redis/script.ts';
import { acceptEach } from '../src/transitions/accept.ts';
import { failUnreadable } from '../src/transitions/fail-unreadable.ts';
import { pageFunctions } from '../src/transitions/index-pages.ts';
import { cursorsIn } from '../src/transitions/index-walk.ts';
import { purge } from '../src/transitions/purge.ts';
import { type AttemptResult, LeasedMail } from '../src/worker/leased-mail.ts';
import { sampleMail, sealer } from './sample-mail.ts';

/** The wait after a crash is one that a test can wait for; all other timings are those of production. */
export const quick = { ...timings, crashBackoff: 40 };

/** As in production; content without a template is kept for half as long as the record. */
export const keeping = { ...retention, content: retention.sent / 2 };

/** How long a run of the fixture waits for the reply to its message, in ms. */
export const replyWithinMs = quick.reply.unknown + 60_000;

/** The token of the lock that every leased mail of the fixture claims to have. */
const token = 'token';

const changeIndex = script({
  name: 'changeIndex',
  keys: ['sizes'],
  args: { name: 'text', how: 'text' },
  rest: 'ids',
  returns: 'number',
  lua: `${pageFunctions}
local changed, entries = 0, {}
for _, id in ipairs(ids) do
  if how == 'addTogether' then entries[#entries + 1], entries[#entries + 2] = positionOf(id)
  else changed = changed + (how == 'add' and addTo or removeFrom)(name, id) end
end
return how == 'addTogether' and addAll(name, entries) or changed`,
});

export class RecordsFixture {
  readonly server = new RedisProcess();
  readonly #runs = new Map<string, LeasedMail>();
  readonly #requestConnections: RequestConnection[] = [];
  connection!: WorkerConnection;

  async start(): Promise<void> {
    await this.server.start();
    this.connection = new WorkerConnection(this.server.url, sealer, { timings: quick, retention: keeping }, () => undefined);
    await this.connection.start();
  }

  async stop(): Promise<void> {
    await Promise.all(this.#requestConnections.splice(0).map((connection) => connection.stop()));
    await this.connection.stop();
    await this.server.stop();
  }

  /** A connection as a process has it that answers requests. @param searchKeys of the mails that are accepted on it */
  async requestConnection(searchKeys = false): Promise<RequestConnection> {
    const connection = new RequestConnection(this.server.url, sealer, patientDurations(), () => undefined, undefined, searchKeys);
    this.#requestConnections.push(connection);
    await connection.start();
    await connection.whenReady();
    return connection;
  }

  get redis() {
    return this.connection.redis;
  }

  get records() {
    return this.connection.records;
  }

  /** The mail as leased by one run: the same run in each call. */
  leased(id: string): LeasedMail {
    const mail = this.#runs.get(id) ?? this.leasedByNewRun(id);
    this.#runs.set(id, mail);
    return mail;
  }

  /** The mail as leased by a run of the same worker. */
  leasedByNewRun(id: string): LeasedMail {
    return new LeasedMail(id, token, this.records, this.connection.workerId);
  }

  /** The next `leased` returns another run. */
  endRun(id: string): void {
    this.#runs.delete(id);
  }

  async accept(record: MailRecord): Promise<void> {
    const { id, dueAt, createdAt } = record;
    const { fields, indexes } = this.records.fields.writeNew(record);
    const mails = packForLua([[id, dueAt, createdAt, fields, indexes, []]]);
    const args = { mails, jobKeys: packForLua([]), jobTime: '0', keepTraffic: retention.traffic, ...this.records.fields.keyCheckArgs };
    const [reply] = await this.records.run(acceptEach, { unfinished: unfinishedKey, secrets: secretsKey }, args);
    if (reply instanceof Error) throw reply;
  }

  /** Accepts a mail as the API does. */
  async acceptedMail(change: Partial<NewMail> = {}, at = Date.now()): Promise<MailRecord> {
    const record = newRecord(newMailId(at), sampleMail(change), at);
    await this.accept(record);
    return record;
  }

  /** A mail that a run has begun. */
  async sendingMail(change: Partial<NewMail> = {}): Promise<MailRecord> {
    const found = await this.leased((await this.acceptedMail(change)).id).begin();
    if (found.kind !== 'ready') throw new Error(found.kind);
    return found.record;
  }

  /** A mail for which the gate is open. */
  async mailPastGate(change: Partial<NewMail> = {}): Promise<MailRecord> {
    const record = await this.sendingMail(change);
    await this.redis.set(`{posthouse}:mail:${record.id}:lock`, token);
    if ((await this.leased(record.id).gate(replyWithinMs)).kind !== 'open') throw new Error('the gate denied it');
    return record;
  }

  /** The message of a mail past the gate started that much earlier, in ms; so the deadline for its reply is earlier as well. */
  async backdateMessage(record: MailRecord, ms: number): Promise<void> {
    for (const field of ['messageStartedAt', 'replyBy']) await this.redis.hincrby(recordKey(record.id), field, -ms);
  }

  async recordAttempt(record: MailRecord, ...states: ('accepted' | 'rejected' | 'pending' | 'uncertain')[]): Promise<string> {
    const result = await this.leased(record.id).recordAttempt(attemptResult(...states));
    return result.kind === 'changed' ? result.state : result.kind;
  }

  async read(record: MailRecord): Promise<MailRecord> {
    return (await this.records.read(record.id, true)) as MailRecord;
  }

  /** Purges a mail as the sweeper does at that time. */
  async purgeAt(id: string, now: number): Promise<string | null> {
    return await this.records.run(purge, { record: recordKey(id), ended: endedKey, content: contentKey(id) }, { now, id });
  }

  async failUnreadable(id: string): Promise<void> {
    await this.records.run(failUnreadable, mailKeys(id), { id, ...this.records.retentionArgs });
  }

  /** ms until the record is purged; -1 while the mail has not ended. */
  async msUntilPurge(record: MailRecord): Promise<number> {
    const until = await this.redis.zscore(endedKey, record.id);
    return until === null ? await this.redis.pttl(recordKey(record.id)) : Number(until) - Date.now();
  }

  /** The ids in each index, by its name, from all its pages. */
  async indexes(): Promise<Record<string, string[]>> {
    const members: Record<string, string[]> = {};
    const keys = [...(await this.redis.keys(`${indexPrefix}*`)), ...(await this.redis.keys(`${pagePrefix}*`))];
    for (const key of keys) {
      const isFirst = key.startsWith(indexPrefix);
      const name = isFirst ? key.slice(indexPrefix.length) : key.slice(key.indexOf(':', pagePrefix.length) + 1);
      const ids = cursorsIn(await this.redis.zrange(key, '0', '-1', 'WITHSCORES')).map(({ id }) => id);
      members[name] = [...(members[name] ?? []), ...ids].toSorted();
    }
    return members;
  }

  /** Adds mails to an index one by one or together, or removes them, whatever their records say. @returns how many were added or removed */
  async change(how: 'add' | 'addTogether' | 'remove', name: string, ids: readonly string[]): Promise<number> {
    return await runScript(this.redis, changeIndex, { sizes: sizesKey }, { name, how }, ids);
  }

  /** Whether the sweeper checks it. */
  async isUnfinished(record: MailRecord): Promise<boolean> {
    return (await this.redis.zscore(unfinishedKey, record.id)) !== null;
  }
}

/** What is kept of a template mail. */
export const keptTemplate = {
  template: { name: 'signup', locale: 'ko', data: { nickname: '••••••' }, subject: 'Hello', omitted: ['/nickname'] },
  attachments: [],
  headers: {},
};

/** What is kept of a mail without a template. */
export const keptLiteral = { literal: { subject: 'planted-subject', text: 'planted-text' }, attachments: [], headers: {} };

/** An envelope with three recipients. */
export const threeRecipients = { ...sampleMail().envelope, to: ['a', 'b', 'c'].map((name) => ({ address: `${name}@example.com` })) };

/** The result of an attempt, with a state for each recipient. */
export function attemptResult(...states: ('accepted' | 'rejected' | 'pending' | 'uncertain')[]): AttemptResult {
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
    waitMs: 60_000,
    hold: false,
  };
}
