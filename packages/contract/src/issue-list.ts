/** What is wrong with an input. A wrong input may have any number of issues, so only the first are put into words; the others are counted. */
import { limits } from './limits.ts';

/** What kind of issue it is. The codes are part of the API and do not change. */
export const issueCodes = {
  missing: 'A field or parameter is required, or one of two is',
  'unknown-field': 'No field, parameter or header of this name is allowed here',
  'wrong-type': 'A number where a string must be, an object where a list must be, and the like',
  'wrong-format': 'A text that is not an address, a time, base64, or whatever else it must be',
  'not-allowed': 'Not one of the values that are possible here, or not with this API key',
  'out-of-range': 'Too few, too many, too short, too long, too early or too late',
  'too-large': 'Too many bytes, values or levels',
  duplicate: 'Given twice',
  conflict: 'Cannot be combined with another field, or contradicts it',
  'not-json': 'The body is not JSON in UTF-8',
  'not-http': 'The request is not HTTP, or its headers are too long',
} as const;

/** A code of `issueCodes`. */
export type IssueCode = keyof typeof issueCodes;

/** One thing that is wrong with what a caller sent, and where. */
export interface Issue {
  /** JSON pointer (RFC 6901) into what the caller sent; '' is the whole of it. */
  pointer: string;
  /** What is wrong and how to fix it; never the offending value, which may be an address or a secret. */
  message: string;
  code: IssueCode;
}

/** The JSON pointer (RFC 6901) to the value that is reached by these names and indexes. */
export function pointerTo(path: readonly (string | number)[]): string {
  return path.map((token) => `/${String(token).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

/** The reference tokens of a JSON pointer (RFC 6901): `/items/0/price` → `items`, `0`, `price`. The empty pointer has none. */
export function pointerTokens(pointer: string): string[] {
  const tokens = pointer.split('/').slice(1);
  return tokens.map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** The issues of one input, at most `limits.issues` of them in words. */
export class IssueList {
  readonly #issues = new Map<string, Issue>();
  #more = 0;

  constructor(issues: Iterable<Issue> = []) {
    for (const issue of issues) this.addLazily(() => issue);
  }

  /** The issues in words; none is there twice. */
  [Symbol.iterator](): Iterator<Issue> {
    return this.#issues.values();
  }

  /** How many issues there are. */
  get length(): number {
    return this.#issues.size + this.#more;
  }

  /** How many of them are not in words. */
  get more(): number {
    return this.#more;
  }

  add(pointer: string, message: string, code: IssueCode): void {
    this.addLazily(() => ({ pointer, message, code }));
  }

  /** @param describe not called for an issue that is only counted */
  addLazily(describe: () => Issue): void {
    if (this.#issues.size >= limits.issues) {
      this.#more += 1;
      return;
    }
    const issue = describe();
    this.#issues.set(`${issue.pointer}\n${issue.message}`, issue);
  }

  /** The same number of issues, those in words as `change` returns them. */
  map(change: (issue: Issue) => Issue): IssueList {
    const changed = new IssueList([...this].map(change));
    changed.#more = this.#more;
    return changed;
  }

  /** @param pointer of the value that the other issues are about */
  addAll(other: IssueList, pointer = ''): void {
    for (const issue of other) this.addLazily(() => ({ ...issue, pointer: pointer + issue.pointer }));
    this.#more += other.more;
  }
}
