/** A template's data without what is sensitive in it: for whoever looks at a mail that is not theirs. */
import { pointerTokens } from './json-pointer.ts';

/** Stands where a sensitive value is not shown. */
const mask = '••••••';

/**
 * @param sensitive JSON pointers into the data; without them nobody can say what is sensitive, so all of it is
 * @returns a copy
 */
export function masked(data: Record<string, unknown>, sensitive: readonly string[] | undefined): Record<string, unknown> {
  return sensitive === undefined
    ? Object.fromEntries(Object.keys(data).map((name) => [name, mask]))
    : replaced(data, sensitive, () => mask);
}

/**
 * The data with a sample's values where it is sensitive, so that it still fits its schema and renders: a mask is no link.
 * @returns a copy; what the sample lacks is masked
 */
export function redacted(
  data: Record<string, unknown>,
  sensitive: readonly string[],
  sample: Record<string, unknown>,
): Record<string, unknown> {
  return replaced(data, sensitive, (path) => path.reduce(inside, sample) ?? mask);
}

function replaced(data: Record<string, unknown>, pointers: readonly string[], by: (path: string[]) => unknown): Record<string, unknown> {
  const copy = structuredClone(data);
  for (const pointer of pointers) {
    const path = pointerTokens(pointer);
    const last = path.at(-1) ?? '';
    const holder = path.slice(0, -1).reduce<unknown>(inside, copy);
    if (inside(holder, last) !== undefined) (holder as Record<string, unknown>)[last] = by(path);
  }
  return copy;
}

/** What an object or an array holds under a name of its own. */
function inside(holder: unknown, name: string): unknown {
  return typeof holder === 'object' && holder !== null && Object.hasOwn(holder, name)
    ? (holder as Record<string, unknown>)[name]
    : undefined;
}
