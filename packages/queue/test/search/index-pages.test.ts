/** An index with many mails has pages that stay in the compact encoding of Redis, and reads like one sorted set. */
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { newMailId } from '../../src/record/new-record.ts';
import { indexPrefix, pagePrefix, sizesKey } from '../../src/redis/keys.ts';
import { countIndexed, cursorOf, fromNewest, olderMails } from '../../src/transitions/index-walk.ts';
import { RecordsFixture } from '../records-fixture.ts';

const fixture = new RecordsFixture();
beforeAll(() => fixture.start());
afterAll(() => fixture.stop());
beforeEach(() => fixture.redis.flushdb());

const start = 1_800_000_000_000;

/** Ids of mails of which 300 were accepted in the same ms, in a random order. */
function manyIds(): string[] {
  const ids = Array.from({ length: 1500 }, (_, n) => newMailId(n < 300 ? start + 500 : start + n));
  return ids.toSorted(byEnd);
}

/** Another order than that of the ids. */
function byEnd(a: string, b: string): number {
  return a.slice(-4) < b.slice(-4) ? -1 : 1;
}

/** From 1 on, so that the pages are counted. */
async function count(name: string, from = 1, to = fromNewest.at): Promise<[mails: number, exact: boolean]> {
  const { mails, exact } = await countIndexed(fixture.redis, [name], from, to);
  return [mails, exact];
}

/** Walks two indexes together, as pages of a list do. */
async function walked(names: string[], max: number, from = 0): Promise<string[]> {
  const ids: string[] = [];
  for (let after = fromNewest; ; ) {
    const mails = await olderMails(fixture.redis, names, after, from, max);
    ids.push(...mails.map(({ id }) => id));
    if (mails.length < max) return ids;
    after = mails.at(-1) as typeof after;
  }
}

/** Mails of two processes, each of which adds those of some ms together: their times overlap. */
function inTwoProcesses(ids: readonly string[]): string[][] {
  return groupsOf(ids, 56).flatMap((some) => [some.filter((_, n) => n % 2 === 0), some.filter((_, n) => n % 2 === 1)]);
}

function groupsOf(ids: readonly string[], size: number): string[][] {
  return Array.from({ length: Math.ceil(ids.length / size) }, (_, n) => ids.slice(n * size, (n + 1) * size));
}

it.each([
  ['in groups', 18, (ids: string[]) => groupsOf(ids, 64)],
  ['in groups that are larger than a page', 18, (ids: string[]) => groupsOf(ids, 200)],
  ['in groups of two processes', 40, inTwoProcesses],
  ['in groups and in any order', 40, (ids: string[]) => groupsOf(ids.toSorted(byEnd), 64)],
])('mails that come %s are all there, in pages that are compact', async (_how, maxPages, groups) => {
  const ids = manyIds().toSorted();
  for (const group of groups(ids)) expect(await fixture.change('addTogether', 'class:a', group)).toBe(group.length);
  expect(await fixture.change('addTogether', 'class:a', ids.slice(-50))).toBe(0);
  expect(await fixture.redis.hgetall(sizesKey)).toEqual({ 'class:a': String(ids.length) });
  expect(await walked(['class:a'], 70)).toEqual(ids.toReversed());
  const pages = await fixture.redis.keys('{posthouse}:index[-:]*');
  for (const key of pages.filter((name) => name !== sizesKey && !name.startsWith('{posthouse}:index-pages')))
    expect(await fixture.redis.object('ENCODING', key)).toBe('listpack');
  expect(pages.length).toBeLessThan(maxPages);
  expect(await fixture.change('remove', 'class:a', ids)).toBe(ids.length);
  expect(await fixture.redis.keys('{posthouse}:index*')).toEqual([]);
});

it.each(['in order', 'in any order'])('mails that come %s are all there, in pages that are compact', async (how) => {
  const ids = how === 'in order' ? manyIds().toSorted() : manyIds();
  const [left, right] = [ids.filter((_, n) => n % 3 > 0), ids.filter((_, n) => n % 3 === 0)];
  expect(await fixture.change('add', 'class:a', left)).toBe(left.length);
  expect(await fixture.change('add', 'tag:b', right)).toBe(right.length);
  expect(await fixture.change('add', 'class:a', left)).toBe(0);
  expect(await fixture.redis.hgetall(sizesKey)).toEqual({ 'class:a': String(left.length) });

  const pages = [...(await fixture.redis.keys(`${indexPrefix}*`)), ...(await fixture.redis.keys(`${pagePrefix}*`))];
  const encodings = await Promise.all(pages.map((key) => fixture.redis.object('ENCODING', key)));
  expect(new Set(encodings)).toEqual(new Set(['listpack']));
  // Most are nearly full where mails come in order, and half full otherwise; with random ids their number differs.
  expect(pages.length).toBeLessThan(how === 'in order' ? 15 : 40);

  const newestFirst = ids.toSorted().reverse();
  expect(await walked(['class:a', 'tag:b'], 70)).toEqual(newestFirst);
  expect(await walked(['class:a'], 1000, start + 500)).toEqual(
    left
      .filter((id) => cursorOf(id).at >= start + 500)
      .toSorted()
      .reverse(),
  );
  const inMs = left.filter((id) => cursorOf(id).at === start + 500).length;
  expect(await count('class:a')).toEqual([left.length, true]);
  expect(await count('class:a', start + 500, start + 500)).toEqual([inMs, true]);
  expect(await count('class:a', start + 1501)).toEqual([0, true]);

  const [removed, kept] = [left.slice(0, 700), left.slice(700)];
  expect(await fixture.change('remove', 'class:a', [...removed, ...removed])).toBe(removed.length);
  expect(await walked(['class:a'], 33)).toEqual(kept.toSorted().reverse());
  await fixture.change('remove', 'class:a', kept);
  await fixture.change('remove', 'tag:b', right);
  expect(await fixture.redis.keys('{posthouse}:index*')).toEqual([]);
});
