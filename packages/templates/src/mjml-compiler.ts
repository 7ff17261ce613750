/**
 * Compiles MJML to HTML, once per template, when the set is loaded. Mustaches are replaced by placeholders before that;
 * what MJML would drop silently is reported as an issue.
 */
import { realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative, sep } from 'node:path';
import type mjml2html from 'mjml';
import type { SourceMarks } from './check/source-marks.ts';
import { type Position, positionAt } from './json-position.ts';
import { unknownElementFix } from './mjml-components.ts';
import { locateIn, type SourceFile, withoutComments } from './mjml-sources.ts';
import { type Placeholder, Placeholders, placeholderPattern } from './placeholders.ts';
import type { TemplateIssue } from './template-error.ts';

/** The result of compiling a template's MJML. */
export interface CompiledMjml {
  /** With a placeholder in place of each mustache. */
  readonly html: string;
  readonly placeholders: Placeholders;
}

/** The compiler that `loadMjml` returns. */
export type Mjml = typeof mjml2html;

/**
 * Loads MJML without the `.mjmlconfig` of the working directory. When it is imported, MJML reads that file and runs the packages
 * that it names; so `process.cwd` returns this folder during the synchronous `require`.
 */
export function loadMjml(): Mjml {
  const { cwd } = process;
  process.cwd = () => import.meta.dirname;
  try {
    return createRequire(import.meta.url)('mjml') as Mjml;
  } finally {
    process.cwd = cwd;
  }
}

/**
 * Compiles a template's MJML. Returns undefined when there is an issue.
 *
 * @param dir the absolute path of the template set; includes must be inside it
 * @param sources the template's file, then its includes
 * @param issues receives what is wrong
 * @param marks marks what the author wrote, where the HTML is checked
 */
export async function compileMjml(
  mjml: Mjml,
  dir: string,
  sources: readonly SourceFile[],
  issues: TemplateIssue[],
  marks?: SourceMarks,
): Promise<CompiledMjml | undefined> {
  const [entry] = sources;
  if (entry === undefined) return undefined;
  const placeholders = new Placeholders();
  const filePath = join(dir, entry.path);
  const mask = (xml: string) => {
    const source = withoutComments(xml);
    const masked = placeholders.mask(source);
    return marks?.mark(source, masked, (text) => placeholders.withoutBlocks(text).trim() !== '') ?? masked;
  };
  const options = {
    filePath,
    actualPath: filePath,
    // Where the template's folder is a link, MJML compares with the folder that it leads to.
    includePath: [dir, dirname(realpathSync(dirname(filePath)))],
    ignoreIncludes: false,
    keepComments: false,
    fonts: {},
    preprocessors: [mask],
  };
  const issuesBefore = issues.length;
  try {
    const { html, errors } = await mjml(entry.text, options);
    for (const { line, message, formattedMessage } of errors) {
      // `color="{{colour}}"`: MJML cannot validate a value that is only known when a mail is rendered.
      if (new RegExp(placeholderPattern).test(message)) continue;
      const path = / of (.+?)(?:, included at .+)? \(/.exec(formattedMessage)?.[1] ?? filePath;
      const file = relative(dir, path).split(sep).join('/');
      const [, element = ''] = /^Element (\S+) doesn't exist/.exec(message) ?? [];
      issues.push({ rule: 'mjml-invalid', file, line, message, fix: unknownElementFix(element) });
    }
    checkOutput(html, placeholders, sources, issues);
    if (issues.length === issuesBefore) return { html, placeholders };
    if (marks === undefined) return undefined;
    // MJML counts lines by the offsets of the unmarked text, so that marks move them.
    issues.length = issuesBefore;
    return await compileMjml(mjml, dir, sources, issues);
  } catch (error) {
    issues.push({
      rule: 'mjml-syntax',
      file: entry.path,
      message: `is not valid MJML: ${(error as Error).message}`,
      fix: 'Fix its structure.',
    });
    return undefined;
  }
}

/** Reports what the HTML lacks or must not contain. */
function checkOutput(html: string, placeholders: Placeholders, sources: readonly SourceFile[], issues: TemplateIssue[]): void {
  const locate = ({ source, index }: Placeholder) => locateIn(sources, source, index);
  let isBlockLost = false;
  for (const placeholder of placeholders.lost(html)) {
    // Where the opening of a block is lost, so is its end.
    const isRest = /^\{\{~?(\/|\^~?\}|else\b)/.test(placeholder.mustache);
    if (isRest && isBlockLost) continue;
    isBlockLost ||= /^\{\{~?[#^]/.test(placeholder.mustache);
    const fix = 'MJML drops text outside of components. Move the mustache into <mj-raw> or into the text of a component.';
    issues.push({ rule: 'dropped-mustache', ...locate(placeholder), message: `has ${placeholder.mustache} where MJML drops it`, fix });
  }
  for (const [, attribute, found = ''] of html.matchAll(new RegExp(`\\s(href|src)=["']?\\s*(${placeholderPattern})`, 'g'))) {
    const placeholder = placeholders.at(found);
    if (placeholder === undefined || /^\{\{~?\s*url\s/.test(placeholder.mustache)) continue;
    const place = locate(placeholder);
    // `{{ulr signInUrl}}`: the helper that is meant may be url.
    const isHelper = ({ rule, file, line, column }: TemplateIssue) =>
      rule === 'unknown-helper' && file === place.file && line === place.line && column === place.column;
    if (issues.some(isHelper)) continue;
    const fix = `Write ${attribute}="{{url …}}", which rejects javascript: and other unsafe links.`;
    issues.push({ rule: 'unsafe-link', ...place, message: `starts a link with ${placeholder.mustache}`, fix });
  }
  for (const leftover of new Set([...html.matchAll(/<(?:!-- )?(mj-[a-z-]+)/g)].map(([, name = '']) => name))) {
    const fix = 'Move it to where MJML accepts components; inside <mj-text> and <mj-raw> only HTML is allowed.';
    for (const { path, text } of misplaced(sources, leftover)) {
      issues.push({ rule: 'leftover-tag', file: path, ...text, message: `leaves <${leftover}> in the HTML`, fix });
    }
  }
}

/** The component inside another one that takes HTML only; the first of the template where there is none. */
function misplaced(sources: readonly SourceFile[], name: string): { path: string; text: Position }[] {
  const inHtml = new RegExp(
    `<(mj-(?:text|raw|table|button|navbar-link|social-element|accordion-(?:text|title)))\\b(?:(?!</\\1>)[\\s\\S])*?<${name}\\b`,
  );
  const found = sources.flatMap(({ path, text }) => {
    const match = inHtml.exec(text);
    return match === null ? [] : [{ path, text: positionAt(text, match.index + match[0].lastIndexOf(`<${name}`)) }];
  });
  return found.length > 0 ? found : [{ path: sources[0]?.path ?? '', text: { line: 1, column: 1 } }];
}
