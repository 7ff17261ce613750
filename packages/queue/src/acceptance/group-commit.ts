/**
 * Group commit: mails that are accepted at the same time share one script, because a command costs more than a mail. While groups are on
 * their way, further mails wait for the next one. So a group is as large as the load makes it, and a mail that comes
 * alone does not wait. Redis runs each mail of a group apart from the others, and each gets its own answer.
 */
import { limits, type MailRecord } from '@posthouse/contract';
import type { RequestConnection } from '../connection/request-connection.ts';
import type { NewFields } from '../record/record-fields.ts';
import { secretsKey, unfinishedKey } from '../redis/keys.ts';
import { acceptEach } from '../transitions/accept.ts';
import { byteLength, extraTimeFor } from './stored-size.ts';

/** An idempotency key that is claimed together with the mail; see `acceptEach`. */
interface OnceClaim {
  claim: string;
  body: string;
  ids: string;
  answer: string;
  acceptanceTimeout: number;
  keep: number;
}

/** A mail that waits for its group. */
interface WaitingMail {
  record: MailRecord;
  once: OnceClaim | undefined;
  stored: NewFields;
  /** When its caller stops waiting, by the clock of `performance`. */
  until: number;
  /** Called with what the script has returned. */
  resolve: (reply: unknown) => void;
  reject: (error: Error) => void;
}

/** Accepts single mails over one connection. */
export class GroupCommit {
  readonly #connection: RequestConnection;
  #waiting: WaitingMail[] = [];
  #groups = 0;
  #isScheduled = false;

  constructor(connection: RequestConnection) {
    this.#connection = connection;
  }

  /**
   * Writes the record and the job of a mail. Repeating it with the same id accepts nothing twice.
   * @param once accepts it only if the idempotency key is free
   * @returns what the script returns, `acceptEach`
   * @throws QueueUnavailable; unless `mayHaveRun` is false, the mail may have been accepted all the same
   */
  async accept(record: MailRecord, once?: OnceClaim): Promise<unknown> {
    const { timings } = this.#connection;
    const stored = this.#connection.fields.writeNew(record);
    const bytes = byteLength(stored.fields);
    const moreMs = extraTimeFor(bytes, timings);
    return await this.#connection.run(() => {
      const until = performance.now() + timings.queue.command + moreMs;
      return new Promise<unknown>((resolve, reject) => {
        const mail = { record, once, stored, until, resolve, reject };
        // A large mail would make the others of its group late.
        if (bytes > limits.groupCommit.mailBytes) void this.#commit([mail]);
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
    const { groups, mails } = limits.groupCommit;
    while (this.#waiting.length > 0 && this.#groups < groups) {
      const now = performance.now();
      // The caller of a late mail has been answered that it was not accepted in time: it is not accepted afterwards.
      const group = this.#waiting.splice(0, mails).filter(({ until }) => until > now);
      if (group.length === 0) continue;
      this.#groups += 1;
      void this.#commit(group).finally(() => {
        this.#groups -= 1;
        this.#next();
      });
    }
  }

  /** Settles every mail of the group, and never throws. */
  async #commit(group: readonly WaitingMail[]): Promise<void> {
    const { fields, retention } = this.#connection;
    try {
      const { jobs, records } = this.#connection.handles;
      const confirm = records.replicas.begin();
      const packed = jobs.packed((jobFor) =>
        group.map(({ record: { id, dueAt, createdAt, priority }, once, stored }) => {
          const mail = [id, dueAt, createdAt, stored.fields, stored.indexes, jobFor({ id, priority, at: dueAt })];
          return once === undefined ? mail : [...mail, [once.claim, once.body, once.ids, once.answer, once.acceptanceTimeout, once.keep]];
        }),
      );
      const args = { ...packed, keepTraffic: retention.traffic, ...fields.keyCheckArgs };
      const keys = { unfinished: unfinishedKey, secrets: secretsKey };
      const replies = await jobs.runForEach(acceptEach, keys, args);
      await confirm();
      for (const [n, mail] of group.entries()) {
        const reply = replies[n];
        if (reply instanceof Error) mail.reject(reply);
        else mail.resolve(reply);
      }
    } catch (error) {
      for (const mail of group) mail.reject(error as Error);
    }
  }
}
