/** What is wrong with what an author writes into MJML and HTML, whatever the data: pictures, links and styles. */
import { type AnyNode, type Element, isTag, isText, type ParentNode } from 'domhandler';
import { parseDocument } from 'htmlparser2';
import { positionAt } from '../json-position.ts';
import { replaceMustaches } from '../markup.ts';
import type { SourceFile } from '../mjml-sources.ts';
import type { RuleId } from '../rules.ts';
import type { TemplateIssue } from '../template-error.ts';

/** In place of each character of a mustache that outputs something. */
const output = '\ue001';
const pictures = new Set(['img', 'mj-image', 'mj-carousel-image']);
const links = new Set(['a', 'mj-button', 'mj-navbar-link', 'mj-image', 'mj-social-element']);
const linkAttributes = ['href', 'src', 'background-url', 'background'];
/** What runs a script, or loads a style sheet: no client allows it, and some drop the whole style for it. */
const unsafeStyle = /expression\s*\(|(?:java|vb)script:|\bbehavior\s*:|-moz-binding|@import/i;

/** The elements of all sources of a template: `mj-attributes` of one applies to the others. */
export function sourceIssues(sources: readonly SourceFile[]): TemplateIssue[] {
  const documents = sources.map((source) => ({ source, elements: elementsOf(parseDocument(masked(source.text), options)) }));
  const hasAlt = defaultAlt(documents.flatMap(({ elements }) => elements));
  return documents.flatMap(({ source: { path, text }, elements }) => {
    const issues: TemplateIssue[] = [];
    const report: Report = (rule, element, message, fix, attribute) => {
      const start = element.startIndex ?? 0;
      const offset = attribute === undefined ? start : attributeOffset(text, start, attribute);
      issues.push({ rule, file: path, ...positionAt(text, offset), message, fix });
    };
    for (const element of elements.filter((each) => !isDefault(each))) {
      checkAlt(element, hasAlt, report);
      checkLinkText(element, report);
      for (const attribute of linkAttributes) checkLink(element, attribute, report);
      checkStyle(element, report);
    }
    return issues;
  });
}

type Report = (rule: RuleId, element: Element, message: string, fix: string, attribute?: string) => void;

const options = { withStartIndices: true, withEndIndices: true, recognizeSelfClosing: true };

/** Of the same length: what outputs something counts as text, blocks and comments do not. */
function masked(text: string): string {
  return replaceMustaches(text, ({ text: mustache }) => mustache.replace(/[^\n]/g, /^\{\{~?([#/^!]|else\b)/.test(mustache) ? ' ' : output));
}

function elementsOf(parent: ParentNode): Element[] {
  return parent.children.filter(isTag).flatMap((element) => [element, ...elementsOf(element)]);
}

function isDefault({ parent }: Element): boolean {
  return parent !== null && isTag(parent as AnyNode) && /^mj-(attributes|class)$/.test((parent as Element).name);
}

/** Whether `mj-attributes` gives an element an alt. */
function defaultAlt(elements: readonly Element[]): (element: Element) => boolean {
  const defaults = elements.filter((element) => isDefault(element) && element.attribs['alt'] !== undefined);
  return ({ name, attribs }) =>
    defaults.some((element) =>
      element.name === 'mj-class'
        ? (attribs['mj-class'] ?? '').split(/\s+/).includes(element.attribs['name'] ?? '')
        : element.name === 'mj-all' || element.name === name,
    );
}

function checkAlt(element: Element, hasAlt: (element: Element) => boolean, report: Report): void {
  if (!pictures.has(element.name) || element.attribs['alt'] !== undefined || hasAlt(element)) return;
  const fix = 'Add alt="…" with what the picture says; alt="" where it says nothing.';
  report('image-alt', element, `has a picture without alt: <${element.name}>`, fix);
}

function checkLinkText(element: Element, report: Report): void {
  const { name, attribs } = element;
  if (!links.has(name) || attribs['href'] === undefined || attribs['aria-label'] || attribs['title']) return;
  const hasText = name === 'mj-image' ? attribs['alt'] !== '' : attribs['alt'] ? true : textOf(element).trim() !== '';
  if (hasText) return;
  report('link-text', element, `has a link without text: <${name}>`, 'Write what the link leads to; of a picture, in its alt.');
}

function textOf(node: ParentNode): string {
  const texts = node.children.map((child) => {
    if (isText(child)) return child.data;
    return isTag(child) ? (child.name === 'img' ? (child.attribs['alt'] ?? '') : textOf(child)) : '';
  });
  return texts.join('').replaceAll('&nbsp;', '');
}

function checkLink(element: Element, attribute: string, report: Report): void {
  const value = element.attribs[attribute]?.trim();
  if (value === undefined || value.startsWith(output)) return;
  const shown = value.replaceAll(new RegExp(`${output}+`, 'g'), '…');
  const target = `${attribute}="${shown}"`;
  if (/^(javascript|vbscript|data:text)/i.test(value)) {
    report(
      'script-link',
      element,
      `has a link that runs a script: ${target}`,
      'Use a link that starts with https:, http: or mailto:.',
      attribute,
    );
    return;
  }
  const host = /^(?:https?:)?\/\/(?:[^/@]*@)?([^/:?#]+)|^mailto:[^@]*@([^?,]+)/i.exec(value)?.slice(1).find(Boolean)?.toLowerCase() ?? '';
  if (value === '' || value === '#' || /(^|\.)example\.(com|net|org)$/.test(host)) {
    const fix = 'Write the link that is meant; where data has it, use the helper url.';
    report('placeholder-link', element, `has a link that leads nowhere: ${target}`, fix, attribute);
  } else if (/^http:/i.test(value)) {
    report('insecure-link', element, `has a link without TLS: ${target}`, 'Use https:.', attribute);
  }
}

function checkStyle(element: Element, report: Report): void {
  const style = element.attribs['style'];
  const [found] = unsafeStyle.exec(style ?? '') ?? [];
  const fix = 'Remove it: no mail client runs it, and some remove the whole style for it.';
  if (found !== undefined) report('unsafe-style', element, `has a style with ${found.trim()}`, fix, 'style');
  if (element.name !== 'style' && element.name !== 'mj-style') return;
  const [inSheet] = unsafeStyle.exec(textOf(element)) ?? [];
  if (inSheet !== undefined) report('unsafe-style', element, `has a style sheet with ${inSheet.trim()}`, fix);
}

/** The offset of an attribute of the tag that starts at an offset. */
function attributeOffset(text: string, start: number, attribute: string): number {
  const found = new RegExp(`\\s${attribute}\\s*=`, 'i').exec(text.slice(start));
  return found === null ? start : start + found.index + 1;
}
