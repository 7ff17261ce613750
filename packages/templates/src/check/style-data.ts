/** Data in styles. It is escaped for HTML and not for CSS: a text can add rules that hide the mail or load a picture. */

import type { Usage } from '../expression-check.ts';
import { positionAt } from '../json-position.ts';
import { mustachesOf, tagsOf, withoutMustaches } from '../markup.ts';
import type { SourceFile } from '../mjml-sources.ts';
import type { TemplateIssue } from '../template-error.ts';

/** The attributes of MJML's components that become styles. */
const styleAttributes = /^style$|color|border|padding|font|width|height|align|^background(?!-url)|spacing|decoration|transform/;

/** Mustaches in styles whose values the schema does not restrict. */
export function styleDataIssues({ path, text }: SourceFile, usage: Usage): TemplateIssue[] {
  const blank = withoutMustaches(text);
  const issues: TemplateIssue[] = [];
  const check = (start: number, end: number, isStyle: (before: string) => boolean) => {
    for (const { text: mustache, index } of mustachesOf(text.slice(start, end))) {
      const position = positionAt(text, start + index);
      const isRestricted = usage.outputs.get(`${path}:${position.line}:${position.column}`);
      if (isRestricted !== false || !isStyle(blank.slice(start, start + index))) continue;
      const fix = 'Restrict it in the schema, by "enum" or "pattern".';
      issues.push({ rule: 'style-data', file: path, ...position, message: `has ${mustache} in a style, and it may be any text`, fix });
    }
  };
  let sheet: number | undefined;
  for (const { name, kind, start, end } of tagsOf(blank)) {
    if (name === 'style' || name === 'mj-style') {
      if (kind === 'close' && sheet !== undefined) check(sheet, start, () => true);
      sheet = kind === 'open' ? end : undefined;
    } else if (sheet === undefined) check(start, end, (before) => isStyleAttribute(name, before));
  }
  return issues;
}

function isStyleAttribute(element: string, before: string): boolean {
  const attribute = /([\w-]+)\s*=\s*(?:"[^"]*|'[^']*)$/.exec(before)?.[1] ?? '';
  return attribute === 'style' || (element.startsWith('mj-') && styleAttributes.test(attribute));
}
