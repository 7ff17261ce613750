/**
 * Rendering: every template is compiled once, at load, so that a mail costs a few function calls. Data never
 * reaches the MJML parser.
 */
import { type MailContent, MailFailure } from '@posthouse/contract';
import { Catalogue } from './catalogue.ts';
import { type CompiledTemplate, compileTemplate, type RenderedMail } from './compiled-template.ts';
import { TemplateHelpers } from './handlebars-helpers.ts';
import { loadMjml } from './mjml-compiler.ts';
import { textOf } from './plain-text.ts';
import { TemplateError } from './template-error.ts';
import { readTemplateSet } from './template-set.ts';

export type { RenderedMail } from './compiled-template.ts';
export { TemplateError, type TemplateIssue } from './template-error.ts';

/** What a mail says, in the parts that it has. */
export type RenderedContent = Pick<RenderedMail, 'subject'> & Partial<RenderedMail>;

/** Renders the mails of one template set. */
export class Renderer {
  readonly catalogue: Catalogue;
  readonly #templates: ReadonlyMap<string, CompiledTemplate>;

  /** Use `loadRenderer`. */
  constructor(catalogue: Catalogue, templates: ReadonlyMap<string, CompiledTemplate>) {
    this.catalogue = catalogue;
    this.#templates = templates;
  }

  /** Names the content of the whole set: 16 hex digits. */
  get hash(): string {
    return this.catalogue.hash;
  }

  /**
   * What a mail says: rendered, or as its caller wrote it, with a text part derived from the HTML where none was written. Its data
   * was checked at acceptance, but queues outlive deploys, and the template may have changed since.
   *
   * @param options.disguised renders a sample's values in place of what is sensitive, for whoever looks at the mail
   * @throws MailFailure FAIL `content-missing`, `template-unknown`, `template-data` or `render`, with the reason
   */
  renderContent({ template, literal }: MailContent, { redacted = false }: { redacted?: boolean } = {}): RenderedContent {
    if (template !== undefined) {
      const { name, data, locale } = template;
      this.#compiled(name);
      const issues = this.catalogue.check(name, data).map(({ pointer, message }) => `${pointer} ${message}`);
      if (issues.length > 0)
        throw new MailFailure('FAIL', 'template-data', `the data no longer fits the template ${name}: ${issues.join('; ')}`);
      return this.render(name, redacted ? this.catalogue.redacted(name, data) : data, locale);
    }
    if (literal === undefined) throw new MailFailure('FAIL', 'content-missing', 'the record names neither a template nor a content');
    return { ...literal, ...(literal.text === undefined && literal.html !== undefined && { text: textOf(literal.html) }) };
  }

  /**
   * Renders one mail. Whether the data fits the schema is the catalogue's to say; here only what the template uses must be there.
   *
   * @param locale as asked for; it falls back as `Catalogue.resolveLocale` says
   * @throws MailFailure FAIL `template-unknown`, or FAIL `render` with the reason
   */
  render(name: string, data: object, locale?: string): RenderedMail {
    const template = this.#compiled(name);
    try {
      return template.render(data, this.catalogue.resolveLocale(name, locale));
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

/**
 * Loads and compiles a folder of templates, and renders every sample to prove it.
 * @throws TemplateError naming every fault of every template at once
 */
export async function loadRenderer(dir: string): Promise<Renderer> {
  const { files, folders, issues } = await readTemplateSet(dir);
  const context = { files, helpers: new TemplateHelpers(), mjml: loadMjml() };
  const templates = new Map<string, CompiledTemplate>();
  for (const [name, folder] of folders) {
    const template = await compileTemplate(context, folder, issues);
    if (template !== undefined) templates.set(name, template);
  }
  if (issues.length > 0) throw new TemplateError(dir, issues);
  return new Renderer(new Catalogue(files.hash, folders), templates);
}
