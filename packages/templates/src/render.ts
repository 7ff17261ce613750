/**
 * Rendering: every template is compiled once, at load, so that a mail costs a few function calls. Data never
 * reaches the MJML parser.
 */
import { type MailContent, MailFailure } from '@posthouse/contract';
import { Catalogue } from './catalogue.ts';
import { type CompiledTemplate, compileTemplate, type RenderedMail } from './compiled-template.ts';
import { loadMjml } from './mjml-compiler.ts';
import { textOf } from './plain-text.ts';
import { TemplateFault } from './template-fault.ts';
import { readTemplateSet } from './template-set.ts';
import { Vocabulary } from './vocabulary.ts';

export type { RenderedMail } from './compiled-template.ts';
export { type FileFault, TemplateFault } from './template-fault.ts';

/** What a mail says, in the parts that it has. */
export type SaidMail = Pick<RenderedMail, 'subject'> & Partial<RenderedMail>;

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
   * @throws MailFailure FAIL `content`, `template-unknown`, `template-data` or `render`, with the reason
   */
  say({ template, written }: MailContent, { disguised = false }: { disguised?: boolean } = {}): SaidMail {
    if (template !== undefined) {
      const { name, data, locale } = template;
      this.#compiled(name);
      const faults = this.catalogue.check(name, data).map(({ pointer, message }) => `${pointer} ${message}`);
      if (faults.length > 0)
        throw new MailFailure('FAIL', 'template-data', `the data no longer fits the template ${name}: ${faults.join('; ')}`);
      return this.render(name, disguised ? this.catalogue.disguised(name, data) : data, locale);
    }
    if (written === undefined) throw new MailFailure('FAIL', 'content', 'the record names neither a template nor a content');
    return { ...written, ...(written.text === undefined && written.html !== undefined && { text: textOf(written.html) }) };
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
 * @throws TemplateFault naming every fault of every template at once
 */
export async function loadRenderer(dir: string): Promise<Renderer> {
  const { files, folders, faults } = await readTemplateSet(dir);
  const workshop = { files, vocabulary: new Vocabulary(), mjml: loadMjml() };
  const templates = new Map<string, CompiledTemplate>();
  for (const [name, folder] of folders) {
    const template = await compileTemplate(workshop, folder, faults);
    if (template !== undefined) templates.set(name, template);
  }
  if (faults.length > 0) throw new TemplateFault(dir, faults);
  return new Renderer(new Catalogue(files.hash, folders), templates);
}
