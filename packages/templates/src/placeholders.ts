/**
 * Placeholders replace mustaches while MJML compiles a template. MJML would break `{{url "a"}}` at the quotes inside its
 * attribute, and silently drops `{{#if}}` where it expects no text. A placeholder has no meaning in MJML, HTML or CSS; one that is
 * missing from the output shows what MJML has dropped.
 *
 * It consists of characters from Unicode's private use area: U+E000, one character for its number, and U+E001 as padding.
 */

import { replaceMustaches } from './markup.ts';

/** The character for number 0. */
const firstNumber = 0xe002;

/** Matches one placeholder. */
export const placeholderPattern = '\\ue000[\\ue002-\\uf8ff]\\ue001*';
const expression = new RegExp(placeholderPattern, 'g');

/** A mustache, possibly the opening or closing tag of a block, that a placeholder replaces. */
export interface Placeholder {
  readonly mustache: string;
  /** The text that contains it. */
  readonly source: string;
  /** Its offset in `source`. */
  readonly index: number;
}

/** The mustaches of one template and its includes. */
export class Placeholders {
  readonly #placeholders: Placeholder[] = [];

  /** Replaces each mustache by a placeholder of the same length, so that line numbers do not change. */
  mask(source: string): string {
    return replaceMustaches(source, ({ text: mustache, index }) => {
      const number = this.#placeholders.push({ mustache, source, index }) - 1;
      return `\ue000${String.fromCharCode(firstNumber + number)}`.padEnd(mustache.length, '\ue001');
    });
  }

  /** Replaces each placeholder by its mustache. */
  restore(text: string): string {
    return text.replace(expression, (characters) => this.at(characters)?.mustache ?? characters);
  }

  /** The mustaches, except comments, whose placeholder is not in the text. */
  lost(text: string): Placeholder[] {
    const found = new Set([...text.matchAll(expression)].map(([characters]) => this.at(characters)));
    return this.#placeholders.filter((placeholder) => !placeholder.mustache.startsWith('{{!') && !found.has(placeholder));
  }

  /** A text without the placeholders of blocks and comments: those that output nothing. */
  withoutBlocks(text: string): string {
    return text.replace(expression, (characters) => (/^\{\{~?([#^/!]|else\b)/.test(this.at(characters)?.mustache ?? '') ? '' : characters));
  }

  /** The placeholder with the number that these characters encode. */
  at(characters: string): Placeholder | undefined {
    return this.#placeholders[characters.charCodeAt(1) - firstNumber];
  }
}
