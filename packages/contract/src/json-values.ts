/** What is wrong with the values inside `data` and `metadata`, which no schema describes: too many bytes or levels, or text that no mail can have. */
import { type IssueList, pointerTo } from './issue-list.ts';
import { limits } from './limits.ts';
import { isText } from './schema-formats.ts';

/**
 * Adds what is wrong with a value.
 * @param maxBytes as JSON
 * @returns true where it is too large
 */
export function addJsonIssues(issues: IssueList, pointer: string, value: unknown, maxBytes: number): boolean {
  const tooLarge = (message: string) => {
    issues.add(pointer, message, 'too-large');
    return true;
  };
  if (isDeeper(value, limits.nesting)) return tooLarge(`is nested deeper than ${limits.nesting} levels`);
  const json = JSON.stringify(value);
  const bytes = Buffer.byteLength(json);
  // JSON.stringify escapes NUL and halves of surrogate pairs: so most values need not be walked through.
  const unusable = json.includes('\\u') ? unusableText(value, []) : undefined;
  if (unusable !== undefined)
    issues.add(pointer + unusable, 'has NUL (U+0000) or half of a surrogate pair, which no mail can have', 'wrong-format');
  return bytes > maxBytes ? tooLarge(`has ${bytes} bytes; at most ${maxBytes} are allowed`) : false;
}

/** Works level by level: with recursion, deep input could exhaust the stack. */
function isDeeper(value: unknown, levels: number): boolean {
  let level: unknown[] = [value];
  for (let depth = 0; depth <= levels; depth++) {
    level = level.flatMap((value) => (typeof value === 'object' && value !== null ? Object.values(value) : []));
    if (level.length === 0) return false;
  }
  return true;
}

/** The JSON pointer to the first such text or name of a field. Recursive: the depth of the value is limited before. */
function unusableText(value: unknown, path: readonly (string | number)[]): string | undefined {
  if (typeof value === 'string') return isText(value) ? undefined : pointerTo(path);
  if (typeof value !== 'object' || value === null) return undefined;
  for (const [name, inner] of Object.entries(value)) {
    const found = isText(name) ? unusableText(inner, [...path, name]) : pointerTo(path);
    if (found !== undefined) return found;
  }
  return undefined;
}
