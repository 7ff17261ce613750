/**
 * MJML → HTML, once per template, at load. Mustaches are hidden from MJML while it works, and whatever it
 * would drop in silence is a fault here. The HTML still has marks in it; `marks` turns them back.
 */
import { createRequire } from 'node:module';
import { join, relative, sep } from 'node:path';
import type mjml2html from 'mjml';
import { type SourceFile, withoutComments } from './mjml-sources.ts';
import { type Placeholder, Placeholders, placeholderPattern } from './placeholders.ts';
import type { TemplateIssue } from './template-error.ts';
import { lineAt } from './template-files.ts';

/** What came of a template's MJML. */
export interface CompiledMjml {
  /** With a mark for each mustache. */
  readonly html: string;
  readonly placeholders: Placeholders;
}

/** The compiler, as `loadMjml` hands it out. */
export type Mjml = typeof mjml2html;

/**
 * Loads MJML without the `.mjmlconfig` of the working directory, which it would read, and whose packages it
 * would run, while it is imported. It is told that it works in this folder; `require` returns before anyone else can ask.
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
 * Compiles a template's MJML. Undefined, with faults, when MJML finds one itself.
 *
 * @param dir the absolute path of the template set: includes come from inside it
 * @param sources the template's file and its includes
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
  const before = issues.length;
  try {
    const { html, errors } = await mjml(entry.text, options);
    for (const { line, message, formattedMessage } of errors) {
      // `color="{{colour}}"`: what MJML cannot judge is the template's affair.
      if (new RegExp(placeholderPattern).test(message)) continue;
      const file = / of (.+?)(?:, included at .+)? \(/.exec(formattedMessage)?.[1] ?? filePath;
      issues.push({
        file: relative(dir, file).split(sep).join('/'),
        line,
        what: message,
        fix: 'See the components on documentation.mjml.io.',
      });
    }
    findLost(html, placeholders, sources, issues);
    return issues.length === before ? { html, placeholders } : undefined;
  } catch (error) {
    issues.push({ file: entry.path, what: `is not MJML: ${(error as Error).message}`, fix: 'Mend its structure.' });
    return undefined;
  }
}

function findLost(html: string, placeholders: Placeholders, sources: readonly SourceFile[], issues: TemplateIssue[]): void {
  const whereIs = ({ source, index }: Placeholder) => {
    const file = sources.find(({ text }) => source.includes(text)) ?? sources[0];
    return { file: file?.path ?? '', line: lineAt(source, index) };
  };
  for (const placeholder of placeholders.lost(html)) {
    const fix = 'MJML drops text that is in no component. Put the mustache inside <mj-raw>, or in the text of a component.';
    issues.push({ ...whereIs(placeholder), what: `loses ${placeholder.mustache}`, fix });
  }
  for (const [, attribute, hidden = ''] of html.matchAll(new RegExp(`\\s(href|src)=["']?\\s*(${placeholderPattern})`, 'g'))) {
    const placeholder = placeholders.at(hidden);
    if (placeholder === undefined || /^\{\{~?\s*url\s/.test(placeholder.mustache)) continue;
    const fix = `Write ${attribute}="{{url …}}", which refuses javascript: and its like.`;
    issues.push({ ...whereIs(placeholder), what: `begins a link with ${placeholder.mustache}`, fix });
  }
  const [, leftover] = /<(?:!-- )?(mj-[a-z-]+)/.exec(html) ?? [];
  if (leftover !== undefined) {
    const fix = 'It stands where MJML takes HTML only, or its file could not be read.';
    issues.push({ file: sources[0]?.path ?? '', what: `leaves <${leftover}> in the mail`, fix });
  }
}
