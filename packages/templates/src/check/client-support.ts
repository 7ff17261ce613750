/** What mail clients do not support, by the data of caniemail.com, which is part of the package: nothing is loaded. */
import { caniemail, groupIssues } from 'caniemail';
import { positionAt } from '../json-position.ts';
import { tagsOf, withoutMustaches } from '../markup.ts';
import type { SourceFile } from '../mjml-sources.ts';
import type { TemplateIssue } from '../template-error.ts';
import type { CheckConfig } from './check-config.ts';
import { clientsNamed } from './mail-clients.ts';

/**
 * Features whose lack harms nobody: a client that does not know them shows the same mail. Only what an author writes is checked, so what
 * MJML itself writes, with its replacements for Outlook, is allowed as a whole.
 */
const harmless =
  /^(aria-|role attribute|target attribute|lang attribute|dir attribute|title attribute|CSS comments|HTML comments|:hover|@media|color-scheme|border-radius|letter-spacing)/;

type Clients = Parameters<typeof caniemail>[0]['clients'];

/** What too many of the clients lack, of one file. */
export function clientIssues({ path, text }: SourceFile, config: CheckConfig): TemplateIssue[] {
  const clients = [...new Set(config.clients.flatMap(clientsNamed))] as Clients;
  if (clients.length === 0) return [];
  const issues: TemplateIssue[] = [];
  const add = (found: ReturnType<typeof caniemail>, firstLine: number, isLeftOut: (title: string) => boolean = () => false) => {
    for (const { issue, clients: all } of groupIssues(found.issues.errors)) {
      const { title, position } = issue;
      const lacking = [...new Set(all)].sort();
      if (lacking.length / clients.length <= config.maxUnsupported || harmless.test(title) || config.allow.includes(title)) continue;
      if (isLeftOut(title)) continue;
      const line = firstLine + (position?.start.line ?? 1) - 1;
      const message = `uses ${title}, which ${lacking.length} of ${clients.length} mail clients lack: ${lacking.join(', ')}`;
      const fix = `Use something else, or allow "${title}" in check.json.`;
      issues.push({ rule: 'client-support', file: path, line, message, fix });
    }
  };
  // A link to nothing is an issue of its own.
  const { html, sheets } = split(withoutMustaches(text).replaceAll('href="#"', 'href="."'));
  if (html.trim() !== '') add(caniemail({ clients, html }), 1);
  for (const { css, start, isInlined } of sheets)
    add(caniemail({ clients, css }), positionAt(text, start).line, isInlined ? (title) => selectors.test(title) : undefined);
  return issues;
}

/** MJML replaces the selectors of an inlined style sheet by `style` attributes. */
const selectors = /selector|combinator|^:/;

interface Sheet {
  readonly css: string;
  /** Offset of its first character. */
  readonly start: number;
  readonly isInlined: boolean;
}

/** The author's HTML, with spaces in place of MJML's own tags and of style sheets; and the style sheets. */
function split(text: string): { html: string; sheets: Sheet[] } {
  const sheets: Sheet[] = [];
  let html = '';
  let position = 0;
  let sheet: number | undefined;
  let isInlined = false;
  const blank = (part: string) => part.replace(/[^\n]/g, ' ');
  for (const { name, kind, start, end } of tagsOf(text)) {
    const before = text.slice(position, start);
    const tag = text.slice(start, end);
    if (name === 'style' || name === 'mj-style') {
      if (sheet !== undefined) sheets.push({ css: text.slice(sheet, start), start: sheet, isInlined });
      html += sheet === undefined ? before : blank(before);
      html += blank(tag);
      sheet = kind === 'open' ? end : undefined;
      isInlined = /\sinline=/.test(tag);
    } else if (sheet === undefined) html += before + (name.startsWith('mj') ? pictureOf(tag) : tag);
    position = sheet !== undefined && name !== 'style' && name !== 'mj-style' ? position : end;
  }
  return { html: html + text.slice(position), sheets };
}

/** In place of a component, the picture that it shows, so that its format is checked. */
function pictureOf(tag: string): string {
  const source = /^<mj-(?:image|carousel-image)\b[\s\S]*?\s(src="[^"]*")/.exec(tag)?.[1];
  const picture = source === undefined ? '' : `<img ${source}>`;
  const blank = tag.replace(/[^\n]/g, ' ');
  return picture.length > 0 && !blank.slice(0, picture.length).includes('\n') ? picture + blank.slice(picture.length) : blank;
}
