/**
 * The catalogue: which templates there are and what data each takes. It reads JSON only, so that the API
 * can check a mail without loading MJML and Handlebars.
 */
import type { Issue } from '@posthouse/contract';
import { masked, redacted } from './sensitive-data.ts';
import { TemplateError } from './template-error.ts';
import type { CatalogueTemplate, TemplateFolder } from './template-folder.ts';
import { readTemplateSet } from './template-set.ts';

export { TemplateError, type TemplateIssue } from './template-error.ts';
export type { CatalogueTemplate } from './template-folder.ts';

/** The templates of one set. */
export class Catalogue {
  /** Names the content of the whole set: 16 hex digits. */
  readonly hash: string;
  /** By name, sorted. */
  readonly templates: ReadonlyMap<string, CatalogueTemplate>;
  readonly #folders: ReadonlyMap<string, TemplateFolder>;

  /** Use `loadCatalogue`. */
  constructor(hash: string, folders: ReadonlyMap<string, TemplateFolder>) {
    this.hash = hash;
    this.#folders = folders;
    this.templates = new Map([...folders].map(([name, { template }]) => [name, template]));
  }

  /**
   * Checks data against a template's schema.
   * @returns faults whose pointers are relative to the data; none when it fits
   * @throws RangeError when there is no such template
   */
  check(name: string, data: unknown): Issue[] {
    return this.#folder(name).check(data);
  }

  /**
   * A mail's data as whoever looks at the mail may see it: what the template calls sensitive is masked. A template that is gone
   * can no longer say what is, so all of its data is masked.
   */
  masked(name: string, data: Record<string, unknown>): Record<string, unknown> {
    return masked(data, this.templates.get(name)?.sensitive);
  }

  /**
   * A mail's data to render for whoever looks at it: in place of what is sensitive it has the values of the template's first sample.
   * @throws RangeError when there is no such template
   */
  redacted(name: string, data: Record<string, unknown>): Record<string, unknown> {
    const { sensitive, samples } = this.#folder(name).template;
    return redacted(data, sensitive, Object.values(samples)[0] ?? {});
  }

  /**
   * The locale that a mail will be written in: `ko-KR` → `ko` → the template's default (RFC 4647 section 3.4).
   * @throws RangeError when there is no such template
   */
  resolveLocale(name: string, requested = ''): string {
    const { locales, defaultLocale } = this.#folder(name).template;
    const subtags = requested.toLowerCase().split('-');
    for (let length = subtags.length; length > 0; length -= 1) {
      const range = subtags.slice(0, length).join('-');
      const found = locales.find((locale) => locale.toLowerCase() === range);
      if (found !== undefined) return found;
    }
    return defaultLocale;
  }

  #folder(name: string): TemplateFolder {
    const folder = this.#folders.get(name);
    if (folder === undefined)
      throw new RangeError(`There is no template named ${name}. There are: ${[...this.templates.keys()].join(', ')}`);
    return folder;
  }
}

/**
 * Reads the catalogue of a folder of templates.
 * @throws TemplateError naming every fault of every template at once
 */
export async function loadCatalogue(dir: string): Promise<Catalogue> {
  const { files, folders, issues } = await readTemplateSet(dir);
  if (issues.length > 0) throw new TemplateError(dir, issues);
  return new Catalogue(files.hash, folders);
}
