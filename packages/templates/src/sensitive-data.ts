/** Replaces the sensitive values of a template's data, for people who look at a mail that is not theirs. */
import { pointerTokens } from './data-shape.ts';

/** Replaces a sensitive value. */
const mask = '••••••';

/**
 * A copy of the data with sensitive values masked.
 * @param sensitive JSON pointers into the data; if undefined, every value is masked
 */
export function masked(data: Record<string, unknown>, sensitive: readonly string[] | undefined): Record<string, unknown> {
  return sensitive === undefined
    ? Object.fromEntries(Object.keys(data).map((name) => [name, mask]))
    : replaceValues(data, sensitive, () => mask);
}

/**
 * A copy of the data with sensitive values replaced by those of a sample, so that it stays valid and renders (a mask is not a valid link).
 * Values that the sample lacks are masked.
 */
export function redacted(
  data: Record<string, unknown>,
  sensitive: readonly string[],
  sample: Record<string, unknown>,
): Record<string, unknown> {
  return replaceValues(data, sensitive, (path) => path.reduce(ownProperty, sample) ?? mask);
}

function replaceValues(
  data: Record<string, unknown>,
  pointers: readonly string[],
  replacement: (path: string[]) => unknown,
): Record<string, unknown> {
  const copy = structuredClone(data);
  for (const pointer of pointers) {
    const path = pointerTokens(pointer);
    const last = path.at(-1) ?? '';
    const parent = path.slice(0, -1).reduce<unknown>(ownProperty, copy);
    if (ownProperty(parent, last) !== undefined) (parent as Record<string, unknown>)[last] = replacement(path);
  }
  return copy;
}

/** An own property of an object or an array; undefined if there is none. */
function ownProperty(parent: unknown, name: string): unknown {
  return typeof parent === 'object' && parent !== null && Object.hasOwn(parent, name)
    ? (parent as Record<string, unknown>)[name]
    : undefined;
}
