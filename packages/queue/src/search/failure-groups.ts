/**
 * Failure groups: mails with the same state, verdict, reason, template, provider and cause. The transitions keep them up to date
 * (transitions/index-functions.ts); a group exists as long as a mail is in it. A cause is what several groups have in common: the
 * reason, and the words of the server.
 */
import { type DeliveryStep, deferralWords, limits, type MailFilter, type MailState, mailStates, wordsOf } from '@posthouse/contract';
import type { Redis } from 'ioredis';
import type { RequestConnection } from '../connection/request-connection.ts';
import { RecordError } from '../record/record-error.ts';
import { maxTime } from '../record/record-shape.ts';
import { groupPrefix, groupsKey, recordKey } from '../redis/keys.ts';
import { fromNewest, olderMails } from '../transitions/index-walk.ts';

/** Groups that are read, the largest first: more than different failures have in practice. */
const maxGroups = 2000;

/** The hash of a group is read in pieces of this many, so that Redis serves others in between. */
const groupsPerRead = 250;

/** Mails that fail, or have failed, in the same way. */
export interface FailureGroup {
  /** Its id, as in a filter's `group`. */
  group: string;
  /** `sent`: partly, and these are the rejected recipients. */
  state: MailState;
  verdict: string;
  /** Reply code and enhanced status code, or an error code. */
  reason: string;
  /** A digest of the server's words; '' where it said none. */
  cause: string;
  /** Absent for mails with content of their own. */
  template?: string;
  /** Absent where no provider was used. */
  provider?: string;
  mails: number;
  /** Mails that came into it within the last hour, or up to five minutes before. */
  lastHour: number;
  /** When the first mail came into it, and the latest; ms since the epoch. */
  firstAt: number;
  lastAt: number;
}

/** Why mails fail: all groups with one reason and the same words of the server. */
export interface FailureCause extends Pick<FailureGroup, 'reason' | 'cause' | 'mails' | 'lastHour' | 'firstAt' | 'lastAt'> {
  /** Largest first. */
  groups: FailureGroup[];
}

/** What a server said. */
export interface ServerWords {
  /** In its own words; see `replyPattern`. */
  words?: string;
  /** Where it said them: the same code means different things at different steps. */
  step?: DeliveryStep;
}

/** Which groups are counted; each condition may be absent. */
export interface FailureFilter extends Pick<MailFilter, 'template' | 'provider'> {
  state?: MailState;
  /** A mail came into it at this time or later, ms since the epoch. */
  since?: number;
}

/** In which order causes are listed: most mails, most mails in the last hour, or newest first. */
export type FailureOrder = 'mails' | 'lastHour' | 'firstAt';

/** All causes, and what there is to choose from. */
export interface FailureOverview {
  causes: FailureCause[];
  templates: string[];
  providers: string[];
  /** There are more groups than were read; the others are smaller. */
  isCut: boolean;
}

/** Reads failure groups. */
export class FailureGroups {
  readonly #connection: RequestConnection;

  constructor(connection: RequestConnection) {
    this.#connection = connection;
  }

  /** The largest causes. @throws QueueUnavailable */
  async top(limit: number): Promise<FailureCause[]> {
    return (await this.overview({}, 'mails')).causes.slice(0, limit);
  }

  /** Every cause of the groups that match. @throws QueueUnavailable */
  async overview(filter: FailureFilter, order: FailureOrder): Promise<FailureOverview> {
    const { template, provider, state, since = 0 } = filter;
    const groups = await this.#largest();
    const matching = groups.filter(
      (group) =>
        (template === undefined || group.template === template) &&
        (provider === undefined || group.provider === provider) &&
        (state === undefined || group.state === state) &&
        group.lastAt >= since,
    );
    return {
      causes: causesOf(matching).sort((a, b) => b[order] - a[order] || b.mails - a.mails),
      templates: valuesOf(groups, 'template'),
      providers: valuesOf(groups, 'provider'),
      isCut: groups.length === maxGroups,
    };
  }

  /** Groups by their ids; those without a mail (any more) are left out. @throws QueueUnavailable */
  async find(ids: readonly string[]): Promise<FailureGroup[]> {
    return await this.#connection.run(async ({ redis }) => {
      const sizes = await Promise.all(ids.map((id) => redis.zscore(groupsKey, id)));
      return await readGroups(
        redis,
        ids.map((id, n) => [id, Number(sizes[n])]),
      );
    });
  }

  /**
   * What the server said of a cause, from its newest mail.
   * @returns nothing where it said nothing, or where that mail cannot be read
   * @throws QueueUnavailable
   */
  async reply({ groups: [largest] }: Pick<FailureCause, 'groups'>): Promise<ServerWords> {
    const isDeferred = largest?.cause === '' && largest.state === 'retrying';
    if (largest === undefined || (largest.cause === '' && !isDeferred)) return {};
    return await this.#connection.run(async ({ redis }) => {
      const [{ id } = {}] = await olderMails(redis, [`group:${largest.group}`], fromNewest, 0, 1);
      const list = id === undefined ? {} : await redis.hgetallBuffer(recordKey(id));
      try {
        const { attempts, lastDeferral } = this.#connection.fields.read(
          id ?? '',
          Object.entries(list).flatMap(([name, value]) => [Buffer.from(name), value]),
        );
        if (isDeferred) return lastDeferral?.reason === largest.reason ? wordsAt(deferralWords(lastDeferral), lastDeferral.step) : {};
        const words = attempts.map((attempt) => wordsOf(attempt)).findLast((found) => found !== undefined);
        return wordsAt(words, attempts.flatMap(({ outcomes }) => outcomes).findLast(({ reason }) => reason === largest.reason)?.step);
      } catch (error) {
        if (!(error instanceof RecordError)) throw error;
        return {};
      }
    });
  }

  async #largest(): Promise<FailureGroup[]> {
    const listed = await this.#connection.run(({ redis }) => redis.zrevrange(groupsKey, 0, maxGroups - 1, 'WITHSCORES'));
    const sized = listed.flatMap((id, n): [string, number][] => (n % 2 === 0 ? [[id, Number(listed[n + 1])]] : []));
    const groups: FailureGroup[] = [];
    for (let at = 0; at < sized.length; at += groupsPerRead) {
      const part = sized.slice(at, at + groupsPerRead);
      groups.push(...(await this.#connection.run(({ redis }) => readGroups(redis, part))));
    }
    return groups;
  }
}

/** @param sized ids, and how many mails are in each */
async function readGroups(redis: Redis, sized: readonly [string, number][]): Promise<FailureGroup[]> {
  const hashes = await Promise.all(sized.map(([id]) => redis.hgetall(groupPrefix + id)));
  // The present slot has only begun: so many before it make the hour whole.
  const oldest = Math.floor(Date.now() / limits.recentFailures.slotMs) - limits.recentFailures.slots - 1;
  return sized.flatMap(([group, mails], n) => {
    const { state, verdict = '', reason = '', cause = '', template, provider, firstAt, lastAt, ...rest } = hashes[n] ?? {};
    // One that was edited is left out: the page must show the others.
    const isGroup =
      mailStates.some((known) => known === state) && [firstAt, lastAt].every((at) => Number(at) >= 0 && Number(at) <= maxTime);
    if (!isGroup || mails === 0) return [];
    const recent = Object.entries(rest).filter(([name]) => name.startsWith('recent:'));
    const slots = recent.map(([, value]) => value.split(':').map(Number)).filter(([slot = 0]) => slot > oldest);
    return {
      group,
      state: state as MailState,
      verdict,
      reason,
      cause,
      mails,
      ...(template && { template }),
      ...(provider && { provider }),
      // Some of them may have left the group since.
      lastHour: Math.min(
        slots.reduce((total, [, count = 0]) => total + count, 0),
        mails,
      ),
      firstAt: Number(firstAt),
      lastAt: Number(lastAt),
    };
  });
}

function causesOf(groups: readonly FailureGroup[]): FailureCause[] {
  const causes = new Map<string, FailureCause>();
  for (const group of groups) {
    const key = `${group.reason}\n${group.cause}`;
    const { reason, cause, mails, lastHour, firstAt, lastAt } = group;
    const known = causes.get(key);
    if (known === undefined) {
      causes.set(key, { reason, cause, mails, lastHour, firstAt, lastAt, groups: [group] });
      continue;
    }
    known.groups.push(group);
    known.mails += mails;
    known.lastHour += lastHour;
    known.firstAt = Math.min(known.firstAt, firstAt);
    known.lastAt = Math.max(known.lastAt, lastAt);
  }
  return [...causes.values()];
}

function valuesOf(groups: readonly FailureGroup[], name: 'template' | 'provider'): string[] {
  return [...new Set(groups.map((group) => group[name]).filter((value) => value !== undefined))].sort();
}

function wordsAt(words: string | undefined, step: DeliveryStep | undefined): ServerWords {
  return { ...(words !== undefined && { words }), ...(step !== undefined && { step }) };
}
