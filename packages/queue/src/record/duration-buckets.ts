/** Durations counted in a few buckets, so that those of a day and of many workers can be added up; what is read from them is near enough for people. */

/** The upper bounds of the buckets, in ms; the last bucket has what is longer. */
const bounds: readonly number[] = [
  ...[5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 60_000],
  ...[2, 5, 10, 30, 60, 120, 360, 720, 1440].map((minutes) => minutes * 60_000),
];

/** The number of the bucket of a duration, in ms. */
export function bucketOf(ms: number): number {
  const found = bounds.findIndex((bound) => ms <= bound);
  return found === -1 ? bounds.length : found;
}

/** What the longest duration of a kind is stored as, in whole ms: the kind follows. */
export const longestPrefix = 'longest/';

/**
 * The duration that a share of the counted ones did not exceed, in ms: between the bounds of its bucket in proportion.
 * @param counts by bucket
 * @param share between 0 and 1
 * @param longest an upper bound of them, in ms: of the last bucket it takes the place of the bound, where it is in it
 * @returns undefined where nothing was counted
 */
export function quantile(counts: ReadonlyMap<number, number>, share: number, longest?: number): number | undefined {
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
  const buckets = [...counts.keys()].filter((bucket) => (counts.get(bucket) ?? 0) > 0).sort((one, other) => one - other);
  let before = 0;
  for (const bucket of buckets) {
    const count = counts.get(bucket) ?? 0;
    if (before + count >= share * total) {
      const from = bounds[bucket - 1] ?? 0;
      const to = bounds[bucket] ?? Math.max(longest ?? from, from);
      const end = bucket === buckets.at(-1) && longest !== undefined && longest > from ? Math.min(to, longest) : to;
      return from + (end - from) * Math.max((share * total - before) / count, 0);
    }
    before += count;
  }
  return undefined;
}
