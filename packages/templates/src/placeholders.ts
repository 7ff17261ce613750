/**
 * Marks stand in for mustaches while MJML is at work. MJML would break `{{url "a"}}` at the quotes of its
 * attribute, and drops `{{#if}}` where it expects no text, without a word. A mark is a few characters that
 * mean nothing to MJML, HTML or CSS, and a mark that does not come out again tells what MJML lost.
 */

/** From the private use area of Unicode: the opening, one character for the number, and filling. */
const firstNumber = 0xe002;

/** Matches one mark. */
export const placeholderPattern = '\\ue000[\\ue002-\\uf8ff]\\ue001*';
const expression = new RegExp(placeholderPattern, 'g');

/** A mustache or a block's tag that is hidden from MJML. */
export interface Placeholder {
  readonly mustache: string;
  /** The text that it was found in. */
  readonly source: string;
  readonly index: number;
}

/** The mustaches of one template and its includes. */
export class Placeholders {
  readonly #placeholders: Placeholder[] = [];

  /** Puts a mark of the same length in place of each mustache, so that line numbers hold. */
  mask(source: string): string {
    return source.replace(/\{\{!--[\s\S]*?--\}\}|\{\{+[\s\S]*?\}\}+/g, (mustache, index: number) => {
      const number = this.#placeholders.push({ mustache, source, index }) - 1;
      return `\ue000${String.fromCharCode(firstNumber + number)}`.padEnd(mustache.length, '\ue001');
    });
  }

  /** Puts each mustache back. */
  restore(text: string): string {
    return text.replace(expression, (placeholder) => this.at(placeholder)?.mustache ?? placeholder);
  }

  /** The mustaches, comments aside, that are not in the text. */
  lost(text: string): Placeholder[] {
    const found = new Set([...text.matchAll(expression)].map(([placeholder]) => this.at(placeholder)));
    return this.#placeholders.filter((placeholder) => !placeholder.mustache.startsWith('{{!') && !found.has(placeholder));
  }

  /** What a mark stands for. */
  at(placeholder: string): Placeholder | undefined {
    return this.#placeholders[placeholder.charCodeAt(1) - firstNumber];
  }
}
