/**
 * SourceMarks what an author wrote, so that a check of the compiled HTML finds the file and line of it. A mark is one character of Unicode's
 * supplementary private use area: before each text, before each closing tag, and as an attribute of each opening tag. Without its marks
 * the HTML is what a worker renders, but for spaces between tags: MJML keeps them beside a text.
 */
import type { Position } from '../json-position.ts';
import { tagsOf } from '../markup.ts';
import { locateIn, type SourceFile } from '../mjml-sources.ts';

const firstMark = 0xf0000;
const anyMark = /[\u{f0000}-\u{ffffd}]/u;
const attributes = / data-[\u{f0000}-\u{ffffd}](?:="")?/gu;
const characters = /[\u{f0000}-\u{ffffd}]/gu;

/** The components of MJML whose content is HTML. */
const htmlComponents = /^mj-(text|button|table|raw|navbar-link|social-element|accordion-(text|title))$/;
/** Elements whose text is not shown. */
const rawText = /^(style|script|title)$/;

/** The marks of one template and its includes. */
export class SourceMarks {
  readonly #marks: { readonly source: string; readonly index: number }[] = [];

  /**
   * SourceMarks a source.
   * @param masked the source with a placeholder of the same length in place of each mustache
   * @param isText whether a text of the masked source is more than blocks
   */
  mark(source: string, masked: string, isText: (text: string) => boolean): string {
    let marked = '';
    let position = 0;
    let component: string | undefined;
    let isRawText = false;
    for (const { name, kind, start, end } of tagsOf(masked)) {
      const text = masked.slice(position, start);
      const isShown = component !== undefined && !isRawText;
      if (isShown && isText(text)) {
        const blank = text.length - text.trimStart().length;
        marked += text.slice(0, blank) + this.#next(source, position + blank) + text.slice(blank);
      } else marked += text;
      const tag = masked.slice(start, end);
      const isOwn = component !== undefined && name !== component;
      if (isOwn && kind === 'close') marked += isRawText ? tag : this.#next(source, start) + tag;
      else if (isOwn) marked += tag.replace(/^<[^\s/>]+/, (opening) => `${opening} data-${this.#next(source, start)}`);
      else marked += tag;
      isRawText = kind === 'open' && rawText.test(name);
      if (component === undefined && kind === 'open' && htmlComponents.test(name)) component = name;
      else if (name === component && kind === 'close') component = undefined;
      position = end;
    }
    return marked + masked.slice(position);
  }

  /** Where the first mark of a text stands in the sources; undefined when the text has none. */
  locate(text: string, sources: readonly SourceFile[]): ({ file: string } & Position) | undefined {
    const found = anyMark.exec(text)?.[0].codePointAt(0);
    const mark = found === undefined ? undefined : this.#marks[found - firstMark];
    return mark && locateIn(sources, mark.source, mark.index);
  }

  #next(source: string, index: number): string {
    return String.fromCodePoint(firstMark + this.#marks.push({ source, index }) - 1);
  }
}

/** Whether a text has a mark. */
export function hasMark(text: string): boolean {
  return anyMark.test(text);
}

/** A text without its marks. */
export function withoutMarks(text: string): string {
  return text.replace(attributes, '').replace(characters, '');
}
