/**
 * The contrast of every text in an HTML mail (WCAG 2.2 success criterion 1.4.3, level AA), in light and in dark.
 *
 * The model of dark is that of clients which follow a mail's own rules, such as Apple Mail: where the mail says that it supports dark, by a
 * `color-scheme` with `dark` or by rules for `prefers-color-scheme: dark`, these rules apply, and what has no colour of its own is white on
 * near-black. A mail that says nothing is not checked in dark: each client changes its colours in its own way.
 *
 * A text before a picture or a gradient is checked against the colour that shows when pictures are off; where there is none, it is not.
 */
import { type Color, formatHex, interpolate, parse, wcagContrast } from 'culori';
import { type Element, isTag, isText, type ParentNode } from 'domhandler';
import { parseDocument } from 'htmlparser2';
import { type Cascade, type Scheme, Styles } from './styles.ts';

/** A text that is hard to read. */
export interface LowContrast {
  /** With its marks. */
  readonly text: string;
  readonly scheme: Scheme;
  readonly color: string;
  readonly background: string;
  /** Rounded down to two decimals. */
  readonly ratio: number;
  /** What a text of this size needs. */
  readonly required: number;
}

/** The colours of what says nothing. */
const canvas = {
  light: { color: '#000000', background: '#ffffff', link: '#0000ee' },
  dark: { color: '#ffffff', background: '#121212', link: '#9e9eff' },
};

/** What an element inherits. */
interface Inherited {
  readonly color: Color | undefined;
  /** Undefined before a picture that has no colour behind it. */
  readonly background: Color | undefined;
  /** px. */
  readonly size: number;
  readonly isBold: boolean;
}

/** Every text of the document whose contrast is too low. */
export function lowContrasts(html: string): LowContrast[] {
  const document = parseDocument(html);
  const styles = new Styles(document);
  const found: LowContrast[] = [];
  for (const scheme of styles.supportsDark ? (['light', 'dark'] as const) : (['light'] as const)) {
    const { color, background } = canvas[scheme];
    const cascade = styles.cascade(scheme);
    walk(document, { color: parse(color), background: parse(background), size: 16, isBold: false }, scheme, cascade, found);
  }
  return found;
}

function walk(node: ParentNode, inherited: Inherited, scheme: Scheme, cascade: Cascade, found: LowContrast[]): void {
  for (const child of node.children) {
    if (isText(child)) check(child.data, inherited, scheme, found);
    else if (isTag(child) && !isHidden(child, cascade)) walk(child, styleOf(child, inherited, scheme, cascade), scheme, cascade, found);
  }
}

function isHidden(element: Element, cascade: Cascade): boolean {
  if (/^(head|style|script|title)$/.test(element.name) || element.attribs['aria-hidden'] === 'true') return true;
  const style = cascade(element);
  return style.get('display') === 'none' || style.get('visibility') === 'hidden';
}

function styleOf(element: Element, inherited: Inherited, scheme: Scheme, cascade: Cascade): Inherited {
  const style = cascade(element);
  const isLink = element.name === 'a' && element.attribs['href'] !== undefined;
  const own = style.get('color');
  const color = own === 'inherit' ? undefined : own === undefined && isLink ? canvas[scheme].link : own;
  return {
    color: over(color === undefined ? undefined : parse(color), inherited.background) ?? inherited.color,
    background: backgroundOf(style, inherited.background),
    size: sizeOf(style.get('font-size'), inherited.size),
    isBold: boldOf(element.name, style.get('font-weight'), inherited.isBold),
  };
}

function backgroundOf(style: ReadonlyMap<string, string>, behind: Color | undefined): Color | undefined {
  const value = style.get('background-color');
  const color = value === undefined ? undefined : parse(value);
  const hasImage = /url\(|gradient\(/.test(style.get('background-image') ?? '');
  if (color === undefined || color.alpha === 0) return hasImage ? undefined : behind;
  return over(color, behind) ?? behind;
}

/** A colour in front of another one; undefined where there is none. */
function over(front: Color | undefined, behind: Color | undefined): Color | undefined {
  const alpha = front?.alpha ?? 1;
  if (front === undefined || alpha === 1) return front;
  return behind && interpolate([behind, { ...front, alpha: 1 }], 'rgb')(alpha);
}

function sizeOf(value: string | undefined, inherited: number): number {
  const [, number, unit] = /^([\d.]+)(px|pt|em|rem|%)?$/.exec(value ?? '') ?? [];
  if (number === undefined) return inherited;
  const factors: Record<string, number> = { px: 1, pt: 4 / 3, em: inherited, rem: 16, '%': inherited / 100 };
  return Number(number) * (factors[unit ?? ''] ?? 1);
}

function boldOf(name: string, weight: string | undefined, inherited: boolean): boolean {
  if (weight === undefined || weight === 'inherit') return /^(b|strong|th|h[1-6])$/.test(name) || inherited;
  return weight === 'bold' || weight === 'bolder' || Number(weight) >= 700;
}

function check(text: string, { color, background, size, isBold }: Inherited, scheme: Scheme, found: LowContrast[]): void {
  if (color === undefined || background === undefined || size === 0 || !/[\p{L}\p{N}\p{P}\p{S}]/u.test(text)) return;
  const required = size >= 24 || (isBold && size >= 56 / 3) ? 3 : 4.5;
  const ratio = Math.floor(wcagContrast(color, background) * 100) / 100;
  if (ratio < required) found.push({ text, scheme, color: formatHex(color), background: formatHex(background), ratio, required });
}
