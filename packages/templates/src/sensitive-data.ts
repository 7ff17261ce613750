/** Masks the sensitive values of a template's data, for what is kept of a sent mail and for people who look at a mail that is not theirs. */
import { pointerTokens } from '@posthouse/contract';

/** Takes the place of a sensitive value. */
export const mask = '••••••';

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
 * A copy of the data with sensitive values masked, for a template that has to render it: an object or a list has the shape that it has
 * in the sample, with masks in it.
 */
export function maskedInShape(
  data: Record<string, unknown>,
  sensitive: readonly string[],
  sample: Record<string, unknown>,
): Record<string, unknown> {
  return replaceValues(data, sensitive, (path) => maskedLeaves(path.reduce<unknown>(ownProperty, sample)));
}

/** Those of the pointers that lead to a value. */
export function presentIn(data: Record<string, unknown>, pointers: readonly string[]): string[] {
  return pointers.filter((pointer) => pointerTokens(pointer).reduce<unknown>(ownProperty, data) !== undefined);
}

function maskedLeaves(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(maskedLeaves);
  if (typeof value !== 'object' || value === null) return mask;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, maskedLeaves(inner)]));
}

function replaceValues(
  data: Record<string, unknown>,
  pointers: readonly string[],
  replacement: (path: string[]) => unknown,
): Record<string, unknown> {
  if (pointers.length === 0) return data;
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
