/**
 * The catalogue: which templates exist and what data each takes. It reads JSON only, so that the API
 * can validate a mail without loading MJML and Handlebars.
 */
import { type IssueList, limits, type MailContent, type MailRecord } from '@posthouse/contract';
import { namePattern } from './manifest.ts';
import { masked, maskedInShape, presentIn } from './sensitive-data.ts';
import { TemplateError } from './template-error.ts';
import { type CatalogueTemplate, readTemplateSet, type TemplateFolder } from './template-set.ts';

export { addTemplateSetMetrics, LiveTemplateSet, type RefusedSet, type TemplateSource } from './live-template-set.ts';
export { TemplateError, type TemplateIssue } from './template-error.ts';
export type { CatalogueTemplate } from './template-set.ts';

/** Whether a template can have this name. */
export function isTemplateName(name: string): boolean {
  return new RegExp(namePattern).test(name);
}

/** The templates of one set. */
export class Catalogue {
  /** Identifies the content of the whole set: 16 hex digits. */
  readonly hash: string;
  /** By name, sorted by name. */
  readonly templates: ReadonlyMap<string, CatalogueTemplate>;
  readonly #folders: ReadonlyMap<string, TemplateFolder>;

  /** Use `loadCatalogue`. */
  constructor(hash: string, folders: ReadonlyMap<string, TemplateFolder>) {
    this.hash = hash;
    this.#folders = folders;
    this.templates = new Map([...folders].map(([name, { template }]) => [name, template]));
  }

  /**
   * Validates data against a template's schema.
   * @returns issues with pointers relative to the data; empty when the data is valid
   * @throws RangeError when there is no template with that name
   */
  check(name: string, data: unknown): IssueList {
    return this.#folder(name).check(data);
  }

  /**
   * A mail's data for display, with every sensitive value masked. If the template no longer exists, it is unknown which values
   * are sensitive, so all are masked.
   */
  masked(name: string, data: Record<string, unknown>): Record<string, unknown> {
    return masked(data, this.templates.get(name)?.sensitive);
  }

  /**
   * A mail's data with every sensitive value masked so that the template renders it: an object or a list has the shape that it has in the
   * first sample.
   * @param notKept pointers to further values that are masked
   * @throws RangeError when there is no template with that name
   */
  maskedInShape(name: string, data: Record<string, unknown>, notKept: readonly string[] = []): Record<string, unknown> {
    const { sensitive, samples } = this.#folder(name).template;
    return maskedInShape(data, [...sensitive, ...notKept], Object.values(samples)[0] ?? {});
  }

  /**
   * JSON pointers to the values of a mail's data that are sensitive.
   * @throws RangeError when there is no template with that name
   */
  sensitiveIn(name: string, data: Record<string, unknown>): string[] {
    return presentIn(data, this.#folder(name).template.sensitive);
  }

  /** Whether a mail with this content would be accepted: its template exists, and takes the data. */
  accepts({ template }: Pick<MailContent, 'template'>): boolean {
    return template === undefined || (this.templates.has(template.name) && this.check(template.name, template.data).length === 0);
  }

  /** Whether content has sensitive values. Where the template is gone it is not known which values are, so all may be. */
  hasSensitive({ template }: Pick<MailContent, 'template'>): boolean {
    if (template === undefined) return false;
    return !this.templates.has(template.name) || this.sensitiveIn(template.name, template.data).length > 0;
  }

  /**
   * The subject and preheader of a template in one of its locales, with their mustaches.
   * @throws RangeError when there is no template with that name
   */
  inboxLine(name: string, locale: string): Pick<CatalogueTemplate, 'subject' | 'preheader'> {
    const { template, strings } = this.#folder(name);
    const { subject = template.subject, preheader = template.preheader } = strings.get(locale) ?? {};
    return { subject, preheader };
  }

  /** Whether a mail expires some time after it is due, by default or by its template, and not at a time that its request named. */
  expiresRelatively({ dueAt, expiresAt, template }: Pick<MailRecord, 'dueAt' | 'expiresAt' | 'template'>): boolean {
    const ofTemplate = template === undefined ? undefined : this.templates.get(template)?.expiresInMs;
    return expiresAt - dueAt === (ofTemplate ?? limits.expiresAfterMs);
  }

  /**
   * The locale of a mail, by the lookup of RFC 4647 section 3.4: `ko-KR` → `ko` → the template's default.
   * @throws RangeError when there is no template with that name
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
      throw new RangeError(`There is no template named ${name}. Existing templates: ${[...this.templates.keys()].join(', ')}`);
    return folder;
  }
}

/**
 * Reads the catalogue of a folder of templates.
 * @throws TemplateError listing all issues of all templates
 */
export async function loadCatalogue(dir: string): Promise<Catalogue> {
  const { files, folders, issues } = await readTemplateSet(dir);
  if (issues.length > 0) throw new TemplateError(dir, issues);
  return new Catalogue(files.hash, folders);
}
