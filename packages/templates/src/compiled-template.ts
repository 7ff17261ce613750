/** One template, compiled: what is left to do for a mail is to put its data in. */
import { checkExpressions, checkSubjectAndPreheader } from './expression-check.ts';
import type { CompiledSource, TemplateHelpers } from './handlebars-helpers.ts';
import { compileMjml, type Mjml } from './mjml-compiler.ts';
import { mjmlSources } from './mjml-sources.ts';
import { plainText, tidied } from './plain-text.ts';
import type { TemplateIssue } from './template-error.ts';
import type { TemplateFiles } from './template-files.ts';
import type { TemplateFolder } from './template-folder.ts';

/** A mail as its recipient will see it. */
export interface RenderedMail {
  /** One line. */
  readonly subject: string;
  readonly html: string;
  readonly text: string;
}

/** What compiling needs, the same for every template of a set. */
export interface CompilerContext {
  readonly files: TemplateFiles;
  readonly helpers: TemplateHelpers;
  readonly mjml: Mjml;
}

/** A template whose MJML is HTML, and whose mustaches are functions. */
export class CompiledTemplate {
  readonly #html: CompiledSource;
  readonly #text: CompiledSource;
  readonly #strings: ReadonlyMap<string, ReadonlyMap<string, CompiledSource>>;

  constructor(html: CompiledSource, text: CompiledSource, strings: ReadonlyMap<string, ReadonlyMap<string, CompiledSource>>) {
    this.#html = html;
    this.#text = text;
    this.#strings = strings;
  }

  /**
   * @param locale one that the template has
   * @throws Error when the data lacks what the template uses, a link is not safe, or the subject is not one line
   */
  render(data: object, locale: string): RenderedMail {
    const strings = this.#strings.get(locale) ?? new Map<string, CompiledSource>();
    const frame = { data: { locale, strings } };
    const subject = strings.get('subject')?.(data, frame) ?? '';
    // RFC 5322 section 2.2: a line break would start another header.
    if (/[\p{Cc}\u2028\u2029]/u.test(subject)) throw new Error('the subject has a line break or another control character');
    return { subject, html: this.#html(data, frame), text: tidied(this.#text(data, frame)) };
  }
}

/**
 * Compiles a template and proves it: each of its samples renders in each of its locales.
 * Undefined, with faults, when anything is wrong.
 */
export async function compileTemplate(
  context: CompilerContext,
  folder: TemplateFolder,
  issues: TemplateIssue[],
): Promise<CompiledTemplate | undefined> {
  const { files, helpers, mjml } = context;
  const { name } = folder.template;
  const found: TemplateIssue[] = [];
  const sources = mjmlSources(files, `${name}/template.mjml`, found);
  const textFile = `${name}/text.hbs`;
  const textSource = files.has(textFile) ? files.text(textFile, found) : undefined;
  const isWhole = found.length === 0;
  checkSubjectAndPreheader(folder, found);
  checkExpressions(folder, textFile, textSource ?? '', found);
  const parses = sources.map(({ path, text }) => checkExpressions(folder, path, text, found)).every(Boolean);
  // From a source that is broken itself, MJML would only make riddles.
  const compiled = isWhole && parses ? await compileMjml(mjml, files.dir, sources, found) : undefined;
  issues.push(...found);
  if (compiled === undefined || found.length > 0) return undefined;

  const { html, placeholders } = compiled;
  const text = textSource ?? plainText(html, placeholders);
  const template = new CompiledTemplate(
    helpers.compile(placeholders.restore(html), 'html'),
    helpers.compile(text, 'text'),
    new Map([...folder.strings].map(([locale, strings]) => [locale, compiledStrings(strings, helpers)])),
  );
  return rendersAllSamples(template, folder, issues) ? template : undefined;
}

function compiledStrings(strings: Readonly<Record<string, string>>, helpers: TemplateHelpers): Map<string, CompiledSource> {
  return new Map(Object.entries(strings).map(([key, source]) => [key, helpers.compile(source, 'text')]));
}

function rendersAllSamples(
  template: CompiledTemplate,
  { template: { name, samples, locales } }: TemplateFolder,
  issues: TemplateIssue[],
): boolean {
  const before = issues.length;
  for (const [sample, data] of Object.entries(samples)) {
    for (const locale of locales) {
      try {
        template.render(data, locale);
      } catch (error) {
        const what = `does not render in ${locale}: ${(error as Error).message}`;
        issues.push({ file: `${name}/samples/${sample}.json`, what, fix: 'Mend the sample, the template or its schema.' });
      }
    }
  }
  return issues.length === before;
}
