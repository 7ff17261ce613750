/** Compiles one template, so that rendering a mail only fills in its data. */
import { type SourceMarks, withoutMarks } from './check/source-marks.ts';
import { checkExpressions, checkSubjectAndPreheader, noUsage, type Usage } from './expression-check.ts';
import type { CompiledSource, TemplateHelpers } from './handlebars-helpers.ts';
import { compileMjml, type Mjml } from './mjml-compiler.ts';
import { mjmlSources, type SourceFile } from './mjml-sources.ts';
import { normalizeWhitespace, textTemplate } from './plain-text.ts';
import type { RuleId } from './rules.ts';
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

/** Issues of mustaches that end the reading of a source, a string or a block. */
const notParsed: ReadonlySet<RuleId> = new Set(['mustache-syntax', 'unclosed-block', 'template-size', 'unknown-block', 'partial']);

/** What is known of a template after compilation. */
export interface TemplateAnalysis {
  /** The template's MJML and its includes, as far as they exist. */
  readonly sources: readonly SourceFile[];
  readonly usage: Usage;
  /** Every source and every string is read to its end, so that `usage` is complete. */
  readonly parses: boolean;
  /** Absent when there is an issue. */
  readonly template?: CompiledTemplate;
  /** With marks in its HTML; absent without marks, and when MJML or a mustache has an issue. */
  readonly marked?: CompiledTemplate;
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
  return (await analyzeTemplate(context, folder, issues)).template;
}

/**
 * As `compileTemplate`, and keeps what a check needs.
 * @param marks for the HTML of `marked`
 */
export async function analyzeTemplate(
  context: CompilerContext,
  folder: TemplateFolder,
  issues: TemplateIssue[],
  marks?: SourceMarks,
): Promise<TemplateAnalysis> {
  const found: TemplateIssue[] = [];
  try {
    return await analyze(context, folder, found, marks);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    const file = `${folder.template.name}/template.mjml`;
    found.push({ rule: 'template-size', file, message: `is nested too deep: ${error.message}`, fix: 'Nest less.' });
    return { sources: [], usage: noUsage(), parses: false };
  } finally {
    issues.push(...found);
  }
}

async function analyze(
  { files, helpers, mjml }: CompilerContext,
  folder: TemplateFolder,
  found: TemplateIssue[],
  marks: SourceMarks | undefined,
): Promise<TemplateAnalysis> {
  const { name } = folder.template;
  const sources = mjmlSources(files, `${name}/template.mjml`, found);
  if (found.some(({ rule }) => rule === 'template-size')) return { sources: [], usage: noUsage(), parses: false };
  const textFile = `${name}/text.hbs`;
  const textSource = files.has(textFile) ? files.text(textFile, found) : undefined;
  const areReadable = found.length === 0;
  const usage = noUsage();
  checkSubjectAndPreheader(folder, found, usage);
  checkExpressions(folder, textFile, textSource ?? '', found, usage);
  const sourcesParse = sources.map(({ path, text }) => checkExpressions(folder, path, text, found, usage)).every(Boolean);
  const parses = areReadable && !found.some(({ rule }) => notParsed.has(rule));
  const known = { sources, usage, parses };
  // MJML's messages about a source with issues of its own would be misleading.
  const compiled = areReadable && sourcesParse ? await compileMjml(mjml, files.dir, sources, found, marks) : undefined;
  // Samples would fail by what was left out.
  if (compiled === undefined || found.length > 0 || !folder.isSound) return known;

  const { placeholders } = compiled;
  const html = marks === undefined ? compiled.html : withoutMarks(compiled.html);
  const text = helpers.compile(textSource ?? textTemplate(html, placeholders), 'text');
  const strings = new Map([...folder.strings].map(([locale, strings]) => [locale, compileStrings(strings, helpers)]));
  const compile = (source: string) => new CompiledTemplate(helpers.compile(placeholders.restore(source), 'html'), text, strings);
  const template = compile(html);
  return {
    ...known,
    ...(rendersAllSamples(template, folder, found) && { template }),
    ...(marks !== undefined && { marked: compile(compiled.html) }),
  };
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
