/**
 * MJML → HTML, once per template, at load. Mustaches are hidden from MJML while it works, and whatever it
 * would drop in silence is a fault here. The HTML still has marks in it; `marks` turns them back.
 */
import { createRequire } from 'node:module';
import { join, relative, sep } from 'node:path';
import type mjml2html from 'mjml';
import { type Mark, Marks, markPattern } from './marks.ts';
import { type SourceFile, withoutComments } from './mjml-sources.ts';
import type { FileFault } from './template-fault.ts';
import { lineAt } from './template-files.ts';

/** What came of a template's MJML. */
export interface CompiledMjml {
  /** With a mark for each mustache. */
  readonly html: string;
  readonly marks: Marks;
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
  faults: FileFault[],
): Promise<CompiledMjml | undefined> {
  const [entry] = sources;
  if (entry === undefined) return undefined;
  const marks = new Marks();
  const filePath = join(dir, entry.path);
  const hide = (xml: string) => marks.hide(withoutComments(xml));
  const options = {
    filePath,
    actualPath: filePath,
    includePath: dir,
    ignoreIncludes: false,
    keepComments: false,
    fonts: {},
    preprocessors: [hide],
  };
  const before = faults.length;
  try {
    const { html, errors } = await mjml(entry.text, options);
    for (const { line, message, formattedMessage } of errors) {
      // `color="{{colour}}"`: what MJML cannot judge is the template's affair.
      if (new RegExp(markPattern).test(message)) continue;
      const file = / of (.+?)(?:, included at .+)? \(/.exec(formattedMessage)?.[1] ?? filePath;
      faults.push({
        file: relative(dir, file).split(sep).join('/'),
        line,
        what: message,
        mend: 'See the components on documentation.mjml.io.',
      });
    }
    findLost(html, marks, sources, faults);
    return faults.length === before ? { html, marks } : undefined;
  } catch (error) {
    faults.push({ file: entry.path, what: `is not MJML: ${(error as Error).message}`, mend: 'Mend its structure.' });
    return undefined;
  }
}

function findLost(html: string, marks: Marks, sources: readonly SourceFile[], faults: FileFault[]): void {
  const whereIs = ({ source, index }: Mark) => {
    const file = sources.find(({ text }) => source.includes(text)) ?? sources[0];
    return { file: file?.path ?? '', line: lineAt(source, index) };
  };
  for (const mark of marks.missing(html)) {
    const mend = 'MJML drops text that is in no component. Put the mustache inside <mj-raw>, or in the text of a component.';
    faults.push({ ...whereIs(mark), what: `loses ${mark.mustache}`, mend });
  }
  for (const [, attribute, hidden = ''] of html.matchAll(new RegExp(`\\s(href|src)=["']?\\s*(${markPattern})`, 'g'))) {
    const mark = marks.at(hidden);
    if (mark === undefined || /^\{\{~?\s*url\s/.test(mark.mustache)) continue;
    const mend = `Write ${attribute}="{{url …}}", which refuses javascript: and its like.`;
    faults.push({ ...whereIs(mark), what: `begins a link with ${mark.mustache}`, mend });
  }
  const [, leftover] = /<(?:!-- )?(mj-[a-z-]+)/.exec(html) ?? [];
  if (leftover !== undefined) {
    const mend = 'It stands where MJML takes HTML only, or its file could not be read.';
    faults.push({ file: sources[0]?.path ?? '', what: `leaves <${leftover}> in the mail`, mend });
  }
}
