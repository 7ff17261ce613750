/**
 * Renders mails. Every template is compiled once, when the set is loaded, so that rendering a mail is a few function calls and its data
 * never reaches the MJML parser.
 */
import { setImmediate } from 'node:timers/promises';
import { type KeptTemplate, type MailContent, MailFailure } from '@posthouse/contract';
import { Catalogue } from './catalogue.ts';
import { type CompiledTemplate, compileTemplate, type RenderedMail } from './compiled-template.ts';
import { TemplateHelpers } from './handlebars-helpers.ts';
import { loadMjml } from './mjml-compiler.ts';
import { textFromHtml } from './plain-text.ts';
import { TemplateError } from './template-error.ts';
import { readTemplateSet } from './template-set.ts';

export type { RenderedMail } from './compiled-template.ts';
export { TemplateError, type TemplateIssue } from './template-error.ts';

/** The content of a mail: its subject, and HTML or text or both. */
export type RenderedContent = Pick<RenderedMail, 'subject'> & Partial<RenderedMail>;

/** Content as it is, or as it is kept. Of a raw message only the subject is read. */
type ShownContent = Pick<MailContent, 'template' | 'literal'> & { raw?: { subject: string } };

/** Renders the mails of one template set. */
export class Renderer {
  readonly catalogue: Catalogue;
  readonly #templates: ReadonlyMap<string, CompiledTemplate>;

  /** Use `loadRenderer`. */
  constructor(catalogue: Catalogue, templates: ReadonlyMap<string, CompiledTemplate>) {
    this.catalogue = catalogue;
    this.#templates = templates;
  }

  /** Identifies the content of the whole set: 16 hex digits. */
  get hash(): string {
    return this.catalogue.hash;
  }

  /**
   * Renders a mail's template, or returns its literal content with a text part derived from the HTML if it has none,
   * or the subject of a raw message.
   * The data was validated at acceptance, but is validated again: the template may have changed since.
   *
   * @throws MailFailure FAIL `content-missing`, `template-unknown`, `template-data` or `render`
   */
  renderContent({ template, literal, raw }: MailContent): RenderedContent {
    if (template === undefined) return raw === undefined ? renderLiteral(literal) : { subject: raw.subject };
    this.#checkData(template);
    return this.render(template.name, template.data, template.locale);
  }

  /**
   * Renders a mail for display, with every sensitive value masked.
   * @param options.notKept JSON pointers to masks in the data of a sent mail; such data no longer fits its schema and is not validated
   * @throws MailFailure as `renderContent`
   */
  preview({ template, literal, raw }: ShownContent, { notKept }: { notKept?: readonly string[] } = {}): RenderedContent {
    if (template === undefined) return raw === undefined ? renderLiteral(literal) : { subject: raw.subject };
    const { name, data, locale } = template;
    if (notKept === undefined) this.#checkData(template);
    return this.#rendered(name, (compiled) =>
      compiled.render(this.catalogue.maskedInShape(name, data, notKept), this.catalogue.resolveLocale(name, locale), true),
    );
  }

  /** The subject of a mail for display, with every sensitive value masked; undefined where it cannot be rendered. @param options see `preview` */
  previewSubject({ template, literal, raw }: ShownContent, { notKept }: { notKept?: readonly string[] } = {}): string | undefined {
    if (template === undefined) return literal?.subject ?? raw?.subject;
    const { name, data, locale } = template;
    try {
      const masked = this.catalogue.maskedInShape(name, data, notKept);
      return this.#templates.get(name)?.subject(masked, this.catalogue.resolveLocale(name, locale), true);
    } catch {
      // The page of the mail has the reason.
      return undefined;
    }
  }

  /**
   * What is kept of a template mail once it is sent; undefined where the template says nothing, or where the masked subject does not render.
   */
  keptTemplate({ name, locale, data }: NonNullable<MailContent['template']>): KeptTemplate | undefined {
    const template = this.#templates.get(name);
    if (template === undefined || !this.catalogue.templates.get(name)?.keepsContent) return undefined;
    try {
      const subject = template.subject(this.catalogue.maskedInShape(name, data), this.catalogue.resolveLocale(name, locale), true);
      return { name, locale, subject, data: this.catalogue.masked(name, data), omitted: this.catalogue.sensitiveIn(name, data) };
    } catch {
      // The mail was sent all the same.
      return undefined;
    }
  }

  /**
   * Renders a template. It does not validate the data; data that the template uses must be present.
   *
   * @param locale the requested one; `Catalogue.resolveLocale` decides which is used
   * @throws MailFailure FAIL `template-unknown` or `render`
   */
  render(name: string, data: object, locale?: string): RenderedMail {
    return this.#rendered(name, (template) => template.render(data, this.catalogue.resolveLocale(name, locale)));
  }

  #checkData({ name, data }: NonNullable<MailContent['template']>): void {
    this.#compiled(name);
    const issues = this.catalogue.check(name, data);
    if (issues.length === 0) return;
    const described = [...issues].map(({ pointer, message }) => `${pointer} ${message}`).join('; ');
    throw new MailFailure('FAIL', 'template-data', `the data no longer fits the template ${name}: ${described}`);
  }

  #rendered(name: string, render: (template: CompiledTemplate) => RenderedMail): RenderedMail {
    const template = this.#compiled(name);
    try {
      return render(template);
    } catch (error) {
      throw new MailFailure('FAIL', 'render', `The template ${name} does not render: ${(error as Error).message}.`, { cause: error });
    }
  }

  #compiled(name: string): CompiledTemplate {
    const template = this.#templates.get(name);
    if (template !== undefined) return template;
    throw new MailFailure('FAIL', 'template-unknown', `There is no template named ${name} in the set ${this.hash}.`);
  }
}

function renderLiteral(literal: MailContent['literal']): RenderedContent {
  if (literal === undefined) throw new MailFailure('FAIL', 'content-missing', 'the record has neither a template nor literal content');
  return { ...literal, ...(literal.text === undefined && literal.html !== undefined && { text: textFromHtml(literal.html) }) };
}

/**
 * Loads and compiles a folder of templates and renders every sample.
 * @throws TemplateError listing all issues of all templates
 */
export async function loadRenderer(dir: string): Promise<Renderer> {
  const { files, folders, incomplete, issues } = await readTemplateSet(dir);
  const context = { files, helpers: new TemplateHelpers(), mjml: loadMjml() };
  const templates = new Map<string, CompiledTemplate>();
  for (const [name, folder] of [...folders, ...incomplete]) {
    // A process that goes on sending mails compiles the next set meanwhile.
    await setImmediate();
    const template = await compileTemplate(context, folder, issues);
    if (template !== undefined) templates.set(name, template);
  }
  if (issues.length > 0) throw new TemplateError(dir, issues);
  return new Renderer(new Catalogue(files.hash, folders), templates);
}
