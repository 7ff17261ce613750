/** Texts inside JSON that no mail program can represent: NUL and halves of surrogate pairs, also in the names of fields. */
import { isText, pointerTo } from '@posthouse/contract';

/**
 * Finds the first such text.
 * @param json the value as JSON.stringify writes it, which escapes all such characters: so most values need not be walked through
 * @returns its JSON pointer, relative to the value; undefined where there is none
 */
export function findUnusableText(value: unknown, json: string): string | undefined {
  return json.includes('\\u') ? find(value, []) : undefined;
}

/** Recursive: the depth of the value is limited before. */
function find(value: unknown, path: readonly (string | number)[]): string | undefined {
  if (typeof value === 'string') return isText(value) ? undefined : pointerTo(path);
  if (typeof value !== 'object' || value === null) return undefined;
  for (const [name, inner] of Object.entries(value)) {
    const found = isText(name) ? find(inner, [...path, name]) : pointerTo(path);
    if (found !== undefined) return found;
  }
  return undefined;
}
