/**
 * Looks at a JSON text before it is parsed, for what JSON.parse allows and the API does not: a field twice, of which it would keep the last
 * (RFC 8259 section 4), the name `__proto__`, and sizes that cost more memory than their bytes. One pass, in which strings are skipped.
 */
import { type Issue, type IssueCode, limits, pointerTo } from '@posthouse/contract';

/** An object or a list that the scan is inside of. */
interface Container {
  /** The names of an object so far; undefined in a list. */
  names: Set<string> | undefined;
  /** The name or the index of the value that the scan is at. */
  at: string | number;
}

/** Each object or list counts, and each value of one after its first. */
const tooManyValues: Issue = { pointer: '', message: `has more than ${limits.bodyValues} values`, code: 'too-large' };

const quote = 0x22;
const backslash = 0x5c;

/** @returns the first issue; undefined where there is none, or where the text is not JSON, which JSON.parse finds better */
export function findJsonIssue(text: string): Issue | undefined {
  const inside: Container[] = [];
  let values = 0;
  let isName = false;
  const issue = (message: string, code: IssueCode = 'too-large') => ({ pointer: pointerTo(inside.map(({ at }) => at)), message, code });
  for (let position = 0; position < text.length; position++) {
    const container = inside.at(-1);
    switch (text.charCodeAt(position)) {
      case quote: {
        const end = endOfString(text, position);
        if (end === -1) return undefined;
        if (isName && container?.names !== undefined) {
          if (end - position - 1 > limits.fieldNameLength) {
            inside.pop();
            return issue(`has a name of more than ${limits.fieldNameLength} characters`);
          }
          const name = nameIn(text.slice(position, end + 1));
          if (name === undefined) return undefined;
          container.at = name;
          if (container.names.has(name)) return issue('is given twice', 'duplicate');
          if (name === '__proto__') return issue('is not an allowed name', 'unknown-field');
          container.names.add(name);
          if (container.names.size > limits.fields) return issue(`is one of more than ${limits.fields} fields`);
          isName = false;
        }
        position = end;
        break;
      }
      case 0x7b: // {
      case 0x5b: // [
        if (inside.length >= limits.bodyNesting) return issue(`is nested deeper than ${limits.bodyNesting} levels`);
        isName = text.charCodeAt(position) === 0x7b;
        inside.push({ names: isName ? new Set() : undefined, at: isName ? '' : 0 });
        if (++values > limits.bodyValues) return tooManyValues;
        break;
      case 0x7d: // }
      case 0x5d: // ]
        inside.pop();
        isName = false;
        break;
      case 0x2c: // ,
        if (++values > limits.bodyValues) return tooManyValues;
        isName = container?.names !== undefined;
        if (typeof container?.at === 'number') container.at += 1;
    }
  }
  return undefined;
}

/** The index of the quote that ends the string, which an odd number of backslashes before it escapes; -1 when there is none. */
function endOfString(text: string, start: number): number {
  let end = text.indexOf('"', start + 1);
  while (end !== -1) {
    let before = end - 1;
    while (text.charCodeAt(before) === backslash) before -= 1;
    if ((end - before) % 2 === 1) return end;
    end = text.indexOf('"', end + 1);
  }
  return -1;
}

/** @returns undefined where it is not a JSON string */
function nameIn(quoted: string): string | undefined {
  if (!quoted.includes('\\')) return quoted.slice(1, -1);
  try {
    return JSON.parse(quoted);
  } catch {
    return undefined;
  }
}
