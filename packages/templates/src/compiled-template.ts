/** Compiles one template, so that rendering a mail only fills in its data. */
import { checkExpressions, checkSubjectAndPreheader, type Usage } from './expression-check.ts';
import type { CompiledSource, TemplateHelpers } from './handlebars-helpers.ts';
import { compileMjml, type Mjml } from './mjml-compiler.ts';
import { mjmlSources } from './mjml-sources.ts';
import { normalizeWhitespace, textTemplate } from './plain-text.ts';
import type { TemplateIssue } from './template-error.ts';
import type { TemplateFiles } from './template-files.ts';
import type { TemplateFolder } from './template-set.ts';

/** A mail as its recipient sees it. */
export interface RenderedMail {
  /** A single line. */
  readonly subject: string;
  readonly html: string;
  readonly text: string;
}

/** What all templates of a set share while they are compiled. */
export interface CompilerContext {
  readonly files: TemplateFiles;
  readonly helpers: TemplateHelpers;
  readonly mjml: Mjml;
}

/** A template after compilation: HTML and text with their mustaches turned into functions. */
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
   * @param locale one of the template's locales
   * @param isMasked the data has masks
   * @throws Error when data that the template uses is missing, a link is not safe, or the subject is not a single line
   */
  render(data: object, locale: string, isMasked = false): RenderedMail {
    const frame = this.#frame(locale, isMasked);
    const subject = this.subject(data, locale, isMasked);
    return { subject, html: this.#html(data, frame), text: normalizeWhitespace(this.#text(data, frame)) };
  }

  /** The subject alone. See `render`. */
  subject(data: object, locale: string, isMasked = false): string {
    const frame = this.#frame(locale, isMasked);
    const subject = frame.data.strings.get('subject')?.(data, frame) ?? '';
    // RFC 5322 section 2.2: a line break would start another header.
    if (/[\p{Cc}\u2028\u2029]/u.test(subject)) throw new Error('the subject has a line break or another control character');
    return subject;
  }

  #frame(locale: string, isMasked: boolean) {
    return { data: { locale, strings: this.#strings.get(locale) ?? new Map<string, CompiledSource>(), isMasked } };
  }
}

/**
 * Compiles a template and renders each of its samples in each of its locales.
 *
 * @param issues receives everything that is wrong; then the result is undefined
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
  const areReadable = found.length === 0;
  const usage: Usage = { data: new Set(), strings: new Set() };
  checkSubjectAndPreheader(folder, found, usage);
  checkExpressions(folder, textFile, textSource ?? '', found, usage);
  const parses = sources.map(({ path, text }) => checkExpressions(folder, path, text, found, usage)).every(Boolean);
  // MJML's messages about a source with issues of its own would be misleading.
  const compiled = areReadable && parses ? await compileMjml(mjml, files.dir, sources, found) : undefined;
  issues.push(...found);
  if (compiled === undefined || found.length > 0) return undefined;

  const { html, placeholders } = compiled;
  const text = textSource ?? textTemplate(html, placeholders);
  const template = new CompiledTemplate(
    helpers.compile(placeholders.restore(html), 'html'),
    helpers.compile(text, 'text'),
    new Map([...folder.strings].map(([locale, strings]) => [locale, compileStrings(strings, helpers)])),
  );
  return rendersAllSamples(template, folder, issues) ? template : undefined;
}

function compileStrings(strings: Readonly<Record<string, string>>, helpers: TemplateHelpers): Map<string, CompiledSource> {
  return new Map(Object.entries(strings).map(([key, source]) => [key, helpers.compile(source, 'text')]));
}

function rendersAllSamples(
  template: CompiledTemplate,
  { template: { name, samples, locales } }: TemplateFolder,
  issues: TemplateIssue[],
): boolean {
  const issuesBefore = issues.length;
  for (const [sample, data] of Object.entries(samples)) {
    for (const locale of locales) {
      try {
        template.render(data, locale);
      } catch (error) {
        // Handlebars' line is one of the compiled HTML.
        const message = `does not render in ${locale}: ${(error as Error).message.replace(/ - \d+:\d+$/, '')}`;
        const fix = 'Fix the sample, the template or its schema.';
        issues.push({ rule: 'sample-render', file: `${name}/samples/${sample}.json`, message, fix, sample, locale });
      }
    }
  }
  return issues.length === issuesBefore;
}
