/**
 * Group commit: mails that are accepted at the same time share one transaction, because a transaction costs more than a mail. While
 * transactions are on their way, further mails wait for the next one. So a group is as large as the load makes it, and a mail that comes
 * alone does not wait. Redis runs each mail of a group apart from the others, and each gets its own answer.
 */
import { limits, type MailRecord } from '@posthouse/contract';
import type { RequestConnection } from '../connection/request-connection.ts';
import type { RecordFields } from '../record/record-fields.ts';
import { mailKeys, secretsKey } from '../redis/keys.ts';
import { QueueUnavailable } from '../redis/queue-unavailable.ts';
import { queueScript } from '../redis/script.ts';
import { accept, acceptOnce } from '../transitions/accept.ts';
import { byteLength, extraTimeFor } from './mail-batch.ts';

/** An idempotency key that is claimed together with the mail: where its claim is stored, and what `acceptOnce` is given. */
interface OnceClaim {
  key: string;
  args: { body: string; ids: string; answer: string; acceptanceTimeout: number; keep: number };
}

/** A mail that waits for its transaction. */
interface WaitingMail {
  record: MailRecord;
  once: OnceClaim | undefined;
  fields: ReturnType<RecordFields['write']>;
  /** When its caller stops waiting, by the clock of `performance`. */
  until: number;
  /** Called with what the script has returned. */
  resolve: (reply: unknown) => void;
  reject: (error: Error) => void;
}

/** Commands of one mail in a transaction: the script that stores its record, and the one that adds its job. */
const commandsPerMail = 2;

/** Accepts single mails over one connection. */
export class GroupCommit {
  readonly #connection: RequestConnection;
  #waiting: WaitingMail[] = [];
  #transactions = 0;
  #isScheduled = false;

  constructor(connection: RequestConnection) {
    this.#connection = connection;
  }

  /**
   * Writes the record and the job of a mail. Repeating it with the same id accepts nothing twice.
   * @param once accepts it only if the idempotency key is free
   * @returns what the script returns, `accept` or `acceptOnce`
   * @throws QueueUnavailable; unless `mayHaveRun` is false, the mail may have been accepted all the same
   */
  async accept(record: MailRecord, once?: OnceClaim): Promise<unknown> {
    const { timings } = this.#connection;
    const fields = this.#connection.fields.write(record);
    const moreMs = extraTimeFor(fields, timings);
    return await this.#connection.run(() => {
      const until = performance.now() + timings.queue.command + moreMs;
      return new Promise<unknown>((resolve, reject) => {
        const mail = { record, once, fields, until, resolve, reject };
        // A large mail would make the others of its group late.
        if (byteLength(fields) > limits.groupCommit.mailBytes) void this.#commit([mail]);
        else this.#add(mail);
      });
    }, moreMs);
  }

  /** Mails that arrive in the same turn of the event loop are in the same group. */
  #add(mail: WaitingMail): void {
    this.#waiting.push(mail);
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      this.#next();
    });
  }

  #next(): void {
    const { transactions, mails } = limits.groupCommit;
    while (this.#waiting.length > 0 && this.#transactions < transactions) {
      const now = performance.now();
      // The caller of a late mail has been answered that it was not accepted in time: it is not accepted afterwards.
      const group = this.#waiting.splice(0, mails).filter(({ until }) => until > now);
      if (group.length === 0) continue;
      this.#transactions += 1;
      void this.#commit(group).finally(() => {
        this.#transactions -= 1;
        this.#next();
      });
    }
  }

  /** Settles every mail of the group, and never throws. */
  async #commit(group: readonly WaitingMail[]): Promise<void> {
    const { fields, retention } = this.#connection;
    try {
      const { jobs } = this.#connection.handles;
      const transaction = await jobs.transaction(accept, acceptOnce);
      for (const { record, once, fields: values } of group) {
        const { id, dueAt, createdAt: now, priority } = record;
        const args = { id, dueAt, now, keepTraffic: retention.traffic, ...fields.keyCheckArgs };
        const keys = { ...mailKeys(id), secrets: secretsKey };
        if (once === undefined) queueScript(transaction, accept, keys, args, values);
        else queueScript(transaction, acceptOnce, { ...keys, claim: once.key }, { ...args, ...once.args }, values);
        jobs.add({ id, priority, at: dueAt }, transaction);
      }
      const replies = await jobs.executeEach(transaction);
      for (const [n, mail] of group.entries()) {
        const ofMail = replies.slice(n * commandsPerMail, (n + 1) * commandsPerMail);
        const refused = ofMail.find((reply) => reply instanceof QueueUnavailable);
        if (refused === undefined) mail.resolve(ofMail[0]);
        else mail.reject(refused);
      }
    } catch (error) {
      for (const mail of group) mail.reject(error as Error);
    }
  }
}
