/**
 * Failures by what they have in common: the state that the mails are in, verdict, reason, template and provider. The books are
 * kept by the transitions (transitions/placing.ts); a group is there as long as a mail is in it.
 */
import type { MailState } from '@posthouse/contract';
import type { Redis } from 'ioredis';
import type { RequestConnection } from '../connection/request-connection.ts';
import { groupPrefix, groupsKey, indexKey } from '../redis/keys.ts';

/** Mails in the same trouble. */
export interface FailureGroup {
  /** Its id; a filter's `group`. */
  group: string;
  state: Extract<MailState, 'failed' | 'retrying' | 'uncertain' | 'expired'>;
  verdict: string;
  /** Reply code and enhanced status code, or what happened instead. */
  reason: string;
  /** Absent for mails that their callers wrote. */
  template?: string;
  /** Absent where no provider was asked. */
  provider?: string;
  mails: number;
  /** When a mail first came into it, and when one last did; ms since the epoch. */
  firstAt: number;
  lastAt: number;
  /** The newest mail in it. */
  sample: string;
}

/** Reads failure groups. */
export class FailureGroups {
  readonly #connection: RequestConnection;

  constructor(connection: RequestConnection) {
    this.#connection = connection;
  }

  /** The largest groups, largest first. @throws QueueUnavailable */
  async top(limit: number): Promise<FailureGroup[]> {
    return await this.#connection.run(async ({ redis }) => {
      const ids = await redis.zrevrange(groupsKey, 0, limit - 1);
      const groups = await Promise.all(ids.map((id) => read(redis, id)));
      return groups.filter((group) => group !== undefined);
    });
  }

  /** One group, or undefined when no mail is in it (any more). @throws QueueUnavailable */
  async find(group: string): Promise<FailureGroup | undefined> {
    return await this.#connection.run(({ redis }) => read(redis, group));
  }
}

async function read(redis: Redis, group: string): Promise<FailureGroup | undefined> {
  const index = indexKey(`group:${group}`);
  const [about, mails, [sample]] = await Promise.all([
    redis.hgetall(groupPrefix + group),
    redis.zcard(index),
    redis.zrevrange(index, 0, 0),
  ]);
  const { state, verdict, reason, template, provider, firstAt, lastAt } = about;
  if (state === undefined || sample === undefined) return undefined;
  return {
    group,
    state: state as FailureGroup['state'],
    verdict: verdict ?? '',
    reason: reason ?? '',
    ...(template && { template }),
    ...(provider && { provider }),
    mails,
    firstAt: Number(firstAt),
    lastAt: Number(lastAt),
    sample,
  };
}
