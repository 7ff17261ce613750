/** The styles of an HTML document as far as the colours of its texts depend on them: style sheets, `style` and `bgcolor`. */

import { selectAll } from 'css-select';
import { parse } from 'culori';
import { type AnyNode, type Document, type Element, isTag, isText } from 'domhandler';
import postcss, { type Declaration, type Rule } from 'postcss';

/** Light, or dark by the mail's own rules. */
export type Scheme = 'light' | 'dark';

/** The values of an element's own properties, not inherited ones. */
export type Cascade = (element: Element) => ReadonlyMap<string, string>;

interface Value {
  readonly value: string;
  /** Later and higher wins. */
  readonly weight: number;
}

const wanted = new Set([
  'color',
  'background',
  'background-color',
  'background-image',
  'font-size',
  'font-weight',
  'display',
  'visibility',
]);

/** The styles of one document. */
export class Styles {
  /** The document says that it can be shown in dark. */
  readonly supportsDark: boolean;
  readonly #document: Document;
  readonly #rules: Rule[];

  constructor(document: Document) {
    this.#document = document;
    const sheets = selectAll<AnyNode, Element>('style', document).map(({ children }) =>
      children.map((node) => (isText(node) ? node.data : '')).join(''),
    );
    this.#rules = sheets.flatMap(rulesOf);
    const metas = selectAll<AnyNode, Element>('meta[name="color-scheme"], meta[name="supported-color-schemes"]', document);
    this.supportsDark =
      metas.some(({ attribs }) => /\bdark\b/.test(attribs['content'] ?? '')) ||
      sheets.some((css) => /color-scheme:[^;}]*\bdark\b|prefers-color-scheme:\s*dark/.test(css));
  }

  /** What applies to each element in a scheme. Rules for a width are left out. */
  cascade(scheme: Scheme): Cascade {
    const byElement = new Map<Element, Map<string, Value>>();
    let order = 0;
    for (const rule of this.#rules) {
      if (!applies(rule, scheme)) continue;
      const declarations = declarationsOf(rule);
      if (declarations.length === 0) continue;
      for (const selector of rule.selectors) {
        order += 1;
        const weight = specificity(selector) * 1e6 + order;
        for (const element of matching(selector, this.#document)) {
          const values = byElement.get(element) ?? new Map<string, Value>();
          byElement.set(element, values);
          for (const declaration of declarations) set(values, declaration, weight);
        }
      }
    }
    const cache = new Map<Element, ReadonlyMap<string, string>>();
    return (element) => {
      const known = cache.get(element);
      if (known !== undefined) return known;
      const style = withInline(element, byElement.get(element) ?? new Map());
      cache.set(element, style);
      return style;
    };
  }
}

function rulesOf(css: string): Rule[] {
  const rules: Rule[] = [];
  try {
    postcss.parse(css).walkRules((rule) => void rules.push(rule));
  } catch {
    // A client would apply a part of it; which one is not known.
  }
  return rules;
}

/** Outside of media queries, or in one for this scheme. */
function applies(rule: Rule, scheme: Scheme): boolean {
  const parent = rule.parent;
  if (parent === undefined || parent.type === 'root') return true;
  if (parent.type !== 'atrule' || !('name' in parent) || parent.name !== 'media') return false;
  const query = String(parent.params);
  return query.includes('prefers-color-scheme') && new RegExp(`prefers-color-scheme:\\s*${scheme}`).test(query);
}

function declarationsOf(container: { walkDecls: Rule['walkDecls'] }): Declaration[] {
  const found: Declaration[] = [];
  container.walkDecls((declaration) => void (wanted.has(declaration.prop.toLowerCase()) && found.push(declaration)));
  return found;
}

function matching(selector: string, document: Document): Element[] {
  // A state that a mail is not in when it is opened, or a part of an element.
  if (/::|:(hover|focus|active|visited|before|after|checked)/.test(selector)) return [];
  try {
    return selectAll<AnyNode, Element>(selector, document).filter(isTag);
  } catch {
    return [];
  }
}

/** CSS Selectors Level 4 section 17, with up to 99 of each kind. */
function specificity(selector: string): number {
  const count = (pattern: RegExp) => Math.min(99, selector.match(pattern)?.length ?? 0);
  return count(/#[\w-]/g) * 1e4 + count(/\.[\w-]|\[|:(?!:)/g) * 100 + count(/(^|[\s>+~])[a-zA-Z]/g);
}

const inlineWeight = 1e12;
const importantWeight = 1e13;

function withInline(element: Element, values: Map<string, Value>): ReadonlyMap<string, string> {
  const { bgcolor, style } = element.attribs;
  if (bgcolor !== undefined && !values.has('background-color')) values.set('background-color', { value: bgcolor, weight: 0 });
  if (style !== undefined) {
    try {
      for (const declaration of declarationsOf(postcss.parse(`a{${style}}`))) set(values, declaration, inlineWeight);
    } catch {
      // See rulesOf.
    }
  }
  return new Map([...values].map(([property, { value }]) => [property, value.trim().toLowerCase()]));
}

function set(values: Map<string, Value>, { prop, value, important }: Declaration, weight: number): void {
  const put = (property: string, text: string) => {
    const total = weight + (important ? importantWeight : 0);
    if (total >= (values.get(property)?.weight ?? 0)) values.set(property, { value: text, weight: total });
  };
  const property = prop.toLowerCase();
  if (property !== 'background') put(property, value);
  else {
    put('background-image', value);
    put('background-color', value.split(/\s+(?![^(]*\))/).find((part) => parse(part) !== undefined) ?? 'transparent');
  }
}
