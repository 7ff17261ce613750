/**
 * Marks stand in for mustaches while MJML is at work. MJML would break `{{url "a"}}` at the quotes of its
 * attribute, and drops `{{#if}}` where it expects no text, without a word. A mark is a few characters that
 * mean nothing to MJML, HTML or CSS, and a mark that does not come out again tells what MJML lost.
 */

/** From the private use area of Unicode: the opening, one character for the number, and filling. */
const firstNumber = 0xe002;

/** Matches one mark. */
export const markPattern = '\\ue000[\\ue002-\\uf8ff]\\ue001*';
const expression = new RegExp(markPattern, 'g');

/** A mustache or a block's tag that is hidden from MJML. */
export interface Mark {
  readonly mustache: string;
  /** The text that it was found in. */
  readonly source: string;
  readonly index: number;
}

/** The mustaches of one template and its includes. */
export class Marks {
  readonly #marks: Mark[] = [];

  /** Puts a mark of the same length in place of each mustache, so that line numbers hold. */
  hide(source: string): string {
    return source.replace(/\{\{!--[\s\S]*?--\}\}|\{\{+[\s\S]*?\}\}+/g, (mustache, index: number) => {
      const number = this.#marks.push({ mustache, source, index }) - 1;
      return `\ue000${String.fromCharCode(firstNumber + number)}`.padEnd(mustache.length, '\ue001');
    });
  }

  /** Puts each mustache back. */
  restore(text: string): string {
    return text.replace(expression, (mark) => this.at(mark)?.mustache ?? mark);
  }

  /** The mustaches, comments aside, that are not in the text. */
  missing(text: string): Mark[] {
    const found = new Set([...text.matchAll(expression)].map(([mark]) => this.at(mark)));
    return this.#marks.filter((mark) => !mark.mustache.startsWith('{{!') && !found.has(mark));
  }

  /** What a mark stands for. */
  at(mark: string): Mark | undefined {
    return this.#marks[mark.charCodeAt(1) - firstNumber];
  }
}
