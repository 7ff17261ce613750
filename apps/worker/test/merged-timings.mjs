import { timings } from '@posthouse/contract';

/** @type {(timing: any, scaled: any) => any} */
const scale = (timing, scaled) => (typeof timing === 'object' && !Array.isArray(timing) ? { ...timing, ...scaled } : (scaled ?? timing));

/**
 * The timings of production with some replaced, in groups or alone.
 * @param {any} scaled
 * @returns {import('@posthouse/contract').Timings}
 */
export function mergedTimings(scaled) {
  /** @type {any} */
  const merged = Object.fromEntries(Object.entries(timings).map(([name, timing]) => [name, scale(timing, scaled[name])]));
  return merged;
}
