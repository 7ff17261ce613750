/** What is wrong with an input. A wrong input may have any number of issues, so only the first are put into words; the others are counted. */
import { limits } from './limits.ts';

/** One thing that is wrong with what a caller sent, and where. */
export interface Issue {
  /** JSON pointer (RFC 6901) into what the caller sent; '' is the whole of it. */
  pointer: string;
  /** What is wrong and how to fix it; never the offending value, which may be an address or a secret. */
  message: string;
}

/** The JSON pointer (RFC 6901) to the value that is reached by these names and indexes. */
export function pointerTo(path: readonly (string | number)[]): string {
  return path.map((token) => `/${String(token).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

/** The issues of one input, at most `limits.issues` of them in words. */
export class IssueList {
  readonly #issues = new Map<string, Issue>();
  #more = 0;

  constructor(issues: Iterable<Issue> = []) {
    for (const { pointer, message } of issues) this.add(pointer, message);
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

  add(pointer: string, message: string): void {
    this.addLazily(() => ({ pointer, message }));
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

  /** @param pointer of the value that the other issues are about */
  addAll(other: IssueList, pointer = ''): void {
    for (const issue of other) this.addLazily(() => ({ ...issue, pointer: pointer + issue.pointer }));
    this.#more += other.more;
  }
}
