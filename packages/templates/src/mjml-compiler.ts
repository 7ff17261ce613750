/**
 * Compiles MJML to HTML, once per template, when the set is loaded. Mustaches are replaced by placeholders before that;
 * what MJML would drop silently is reported as an issue.
 */
import { createRequire } from 'node:module';
import { join, relative, sep } from 'node:path';
import type mjml2html from 'mjml';
import { type SourceFile, withoutComments } from './mjml-sources.ts';
import { type Placeholder, Placeholders, placeholderPattern } from './placeholders.ts';
import type { TemplateIssue } from './template-error.ts';
import { lineAt } from './template-files.ts';

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
 */
export async function compileMjml(
  mjml: Mjml,
  dir: string,
  sources: readonly SourceFile[],
  issues: TemplateIssue[],
): Promise<CompiledMjml | undefined> {
  const [entry] = sources;
  if (entry === undefined) return undefined;
  const placeholders = new Placeholders();
  const filePath = join(dir, entry.path);
  const mask = (xml: string) => placeholders.mask(withoutComments(xml));
  const options = {
    filePath,
    actualPath: filePath,
    includePath: dir,
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
      const file = / of (.+?)(?:, included at .+)? \(/.exec(formattedMessage)?.[1] ?? filePath;
      issues.push({
        rule: 'mjml-invalid',
        file: relative(dir, file).split(sep).join('/'),
        line,
        message,
        fix: 'See the components at documentation.mjml.io.',
      });
    }
    checkOutput(html, placeholders, sources, issues);
    return issues.length === issuesBefore ? { html, placeholders } : undefined;
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
  const locate = ({ source, index }: Placeholder) => {
    const file = sources.find(({ text }) => source.includes(text)) ?? sources[0];
    return { file: file?.path ?? '', line: lineAt(source, index) };
  };
  for (const placeholder of placeholders.lost(html)) {
    const fix = 'MJML drops text outside of components. Move the mustache into <mj-raw> or into the text of a component.';
    issues.push({ rule: 'dropped-mustache', ...locate(placeholder), message: `has ${placeholder.mustache} where MJML drops it`, fix });
  }
  for (const [, attribute, found = ''] of html.matchAll(new RegExp(`\\s(href|src)=["']?\\s*(${placeholderPattern})`, 'g'))) {
    const placeholder = placeholders.at(found);
    if (placeholder === undefined || /^\{\{~?\s*url\s/.test(placeholder.mustache)) continue;
    const fix = `Write ${attribute}="{{url …}}", which rejects javascript: and other unsafe links.`;
    issues.push({ rule: 'unsafe-link', ...locate(placeholder), message: `starts a link with ${placeholder.mustache}`, fix });
  }
  const [, leftover] = /<(?:!-- )?(mj-[a-z-]+)/.exec(html) ?? [];
  if (leftover !== undefined) {
    const fix = 'Move it to where MJML accepts components; inside <mj-text> and <mj-raw> only HTML is allowed.';
    issues.push({ rule: 'leftover-tag', file: sources[0]?.path ?? '', message: `leaves <${leftover}> in the HTML`, fix });
  }
}
