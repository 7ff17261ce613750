/** A real Redis, the connection of a process that answers requests, and mails to work on. */
import { type MailRecord, type Waits, waits } from '@posthouse/contract';
import { RedisProcess } from '@posthouse/devkit';
import { Redis } from 'ioredis';
import { expect } from 'vitest';
import { MailQueue } from '../../src/mail-queue.ts';
import { type NewMail, newMailId, newRecord } from '../../src/new-record.ts';
import { RequestConnection } from '../../src/request-connection.ts';
import { WorkerConnection } from '../../src/worker-connection.ts';
import { sampleMail, sealer } from '../sample-mail.ts';

/** `open` and `close` once a file; `start` and `stop` around each test. */
export class OperationsFixture {
  readonly server = new RedisProcess();
  /** To look at what is stored, and to plant. */
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
    this.requests = await this.anotherRequests();
    this.queue = new MailQueue(this.requests);
  }

  async stop(): Promise<void> {
    for (const connection of this.#connections.splice(0).reverse()) await connection.stop();
  }

  /** The connection of one more process that answers requests. */
  async anotherRequests(scaled: Waits = waits): Promise<RequestConnection> {
    const connection = new RequestConnection(this.server.url, sealer, scaled, () => undefined);
    this.#connections.push(connection);
    await connection.start();
    await expect.poll(() => connection.isReady()).toBe(true);
    return connection;
  }

  /** The connection of a worker. */
  async worker(scaled: Waits = waits): Promise<WorkerConnection> {
    const connection = new WorkerConnection(this.server.url, sealer, scaled, () => undefined);
    this.#connections.push(connection);
    await connection.start();
    return connection;
  }

  /** Mails as the API accepts them, the oldest first. */
  async accepted(count: number, change: Partial<NewMail> = {}): Promise<MailRecord[]> {
    const records = Array.from({ length: count }, () => newRecord(newMailId(), sampleMail(change), Date.now()));
    await this.queue.accept(records);
    return records;
  }
}
