/** A real Redis, the connection of a process that answers requests, and mails to act on. */
import { isFinal, type MailRecord, type MailState, retention, type Timings, timings } from '@posthouse/contract';
import { patientDurations, RedisProcess } from '@posthouse/devkit';
import { Redis } from 'ioredis';
import { expect } from 'vitest';
import { MailQueue } from '../src/acceptance/mail-queue.ts';
import { importRecords } from '../src/acceptance/record-import.ts';
import { RequestConnection } from '../src/connection/request-connection.ts';
import { WorkerConnection } from '../src/connection/worker-connection.ts';
import { type NewMail, newMailId, newRecord } from '../src/record/new-record.ts';
import { recordKey } from '../src/redis/keys.ts';
import { sampleMail, sealer } from './sample-mail.ts';

/** `open` and `close` around all tests of a file; `start` and `stop` around each test. */
export class OperationsFixture {
  readonly server = new RedisProcess();
  /** For reading and changing what is stored. */
  redis!: Redis;
  requests!: RequestConnection;
  queue!: MailQueue;
  readonly #connections: { stop(): Promise<void> }[] = [];

  async open(): Promise<void> {
    await this.server.start();
    this.redis = new Redis(this.server.url);
  }

  async close(): Promise<void> {
    this.redis.disconnect();
    await this.server.stop();
  }

  async start(): Promise<void> {
    await this.redis.flushall();
    this.requests = await this.newRequestConnection();
    this.queue = new MailQueue(this.requests);
  }

  async stop(): Promise<void> {
    for (const connection of this.#connections.splice(0).reverse()) await connection.stop();
  }

  /** The connection of one more process that answers requests. */
  async newRequestConnection(scaled: Timings = patientDurations().timings): Promise<RequestConnection> {
    const connection = new RequestConnection(this.server.url, sealer, { timings: scaled, retention }, () => undefined);
    this.#connections.push(connection);
    await connection.start();
    await expect.poll(() => connection.isReady()).toBe(true);
    return connection;
  }

  /** The connection of a worker. */
  async newWorkerConnection(scaled: Timings = timings): Promise<WorkerConnection> {
    const connection = new WorkerConnection(this.server.url, sealer, { timings: scaled, retention }, () => undefined);
    this.#connections.push(connection);
    await connection.start();
    return connection;
  }

  /** Accepts mails as the API does. @returns them, oldest first */
  async acceptedMails(count: number, change: Partial<NewMail> = {}): Promise<MailRecord[]> {
    const records = Array.from({ length: count }, () => newRecord(newMailId(), sampleMail(change), Date.now()));
    await this.queue.accept(records);
    return records;
  }

  /** Imports mails in any state. Those that have ended did so a second ago; unless they were sent, their recipient was rejected. */
  async importedMails(count: number, state: MailState, change: Partial<NewMail> = {}): Promise<MailRecord[]> {
    const at = Date.now() - 1000;
    const records = Array.from({ length: count }, () => {
      const record = newRecord(newMailId(at), sampleMail(change), at);
      const outcome =
        state === 'sent' ? { state: 'accepted' as const, reason: '250 2.0.0' } : { state: 'rejected' as const, reason: '550 5.1.1' };
      const recipients = record.recipients.map((recipient) => ({ ...recipient, ...outcome, at }));
      return { ...record, state, ...(isFinal(state) && { endedAt: at, recipients }), attemptCount: 1 };
    });
    await importRecords(this.requests, records);
    return records;
  }

  /** Imports mails that one recipient accepted and another rejected, a second ago. */
  async partlySentMails(count: number): Promise<MailRecord[]> {
    const at = Date.now() - 1000;
    const envelope = { ...sampleMail().envelope, to: ['a', 'b'].map((name) => ({ address: `${name}@example.com` })) };
    const records = Array.from({ length: count }, () => {
      const record = newRecord(newMailId(at), sampleMail({ envelope }), at);
      const recipients = record.recipients.map((recipient, n) => ({
        ...recipient,
        ...(n === 0 ? { state: 'accepted' as const, reason: '250 2.0.0' } : { state: 'rejected' as const, reason: '550 5.1.1' }),
        at,
      }));
      return { ...record, state: 'sent' as const, partial: true, endedAt: at, recipients, attemptCount: 1 };
    });
    await importRecords(this.requests, records);
    return records;
  }

  /** The states of mails, and how many are in each. */
  async states(mails: readonly MailRecord[]): Promise<Record<string, number>> {
    const counts: Record<string, number> = {};
    for (const { id } of mails) {
      const state = (await this.redis.hget(recordKey(id), 'state')) ?? 'missing';
      counts[state] = (counts[state] ?? 0) + 1;
    }
    return counts;
  }

  /** How many jobs BullMQ has waiting. */
  async jobs(): Promise<number> {
    return (await this.redis.zcard('{posthouse}:mail:prioritized')) + (await this.redis.zcard('{posthouse}:mail:delayed'));
  }
}
