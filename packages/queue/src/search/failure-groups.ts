/**
 * Failure groups: mails with the same state, verdict, reason, template and provider. The transitions keep them up to date
 * (transitions/index-functions.ts); a group exists as long as a mail is in it.
 */
import type { Redis } from 'ioredis';
import type { RequestConnection } from '../connection/request-connection.ts';
import { groupPrefix, groupsKey, indexKey } from '../redis/keys.ts';
import type { groupedStates } from '../transitions/applicable-states.ts';

/** Mails that fail, or have failed, in the same way. */
export interface FailureGroup {
  /** Its id, as in a filter's `group`. */
  group: string;
  state: (typeof groupedStates)[number];
  verdict: string;
  /** Reply code and enhanced status code, or an error code. */
  reason: string;
  /** Absent for mails with content of their own. */
  template?: string;
  /** Absent where no provider was used. */
  provider?: string;
  mails: number;
  /** When the first mail came into it, and the latest; ms since the epoch. */
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
      const groups = await Promise.all(ids.map((id) => readGroup(redis, id)));
      return groups.filter((group) => group !== undefined);
    });
  }

  /** One group, or undefined when no mail is in it (any more). @throws QueueUnavailable */
  async find(group: string): Promise<FailureGroup | undefined> {
    return await this.#connection.run(({ redis }) => readGroup(redis, group));
  }
}

async function readGroup(redis: Redis, group: string): Promise<FailureGroup | undefined> {
  const index = indexKey(`group:${group}`);
  const [fields, mails, [sample]] = await Promise.all([
    redis.hgetall(groupPrefix + group),
    redis.zcard(index),
    redis.zrevrange(index, 0, 0),
  ]);
  const { state, verdict, reason, template, provider, firstAt, lastAt } = fields;
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
