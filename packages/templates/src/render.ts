/**
 * Rendering: every template is compiled once, at load, so that a mail costs a few function calls. Data never
 * reaches the MJML parser.
 */
import { MailFailure } from '@posthouse/contract';
import { Catalogue } from './catalogue.ts';
import { type CompiledTemplate, compileTemplate, type RenderedMail } from './compiled-template.ts';
import { loadMjml } from './mjml-compiler.ts';
import { TemplateFault } from './template-fault.ts';
import { readTemplateSet } from './template-set.ts';
import { Vocabulary } from './vocabulary.ts';

export type { RenderedMail } from './compiled-template.ts';
export { textOf } from './plain-text.ts';
export { type FileFault, TemplateFault } from './template-fault.ts';

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
   * Renders one mail. Whether the data fits the schema is the catalogue's to say; here only what the template uses must be there.
   *
   * @param locale as asked for; it falls back as `Catalogue.resolveLocale` says
   * @throws MailFailure FAIL `template-unknown`, or FAIL `render` with the reason
   */
  render(name: string, data: object, locale?: string): RenderedMail {
    const template = this.#templates.get(name);
    if (template === undefined)
      throw new MailFailure('FAIL', 'template-unknown', `There is no template named ${name} in the set ${this.hash}.`);
    try {
      return template.render(data, this.catalogue.resolveLocale(name, locale));
    } catch (error) {
      throw new MailFailure('FAIL', 'render', `The template ${name} does not render: ${(error as Error).message}.`, { cause: error });
    }
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
