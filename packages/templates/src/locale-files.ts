/** The strings of a template: the layout's, then subject and preheader of template.json, then the template's own; later ones take precedence. */
import { basename } from 'node:path/posix';
import type { Position } from './json-position.ts';
import { localePattern, type Manifest, stringsCheck } from './manifest.ts';
import type { TemplateIssue } from './template-error.ts';
import type { TemplateFiles } from './template-files.ts';

/** The strings of one locale, by key. `subject` and `preheader` always exist. */
type Strings = Readonly<Record<string, string>>;

/** Files of strings, of which those with an issue are left out. */
export class LocaleFiles {
  /** The default locale first. */
  readonly strings: ReadonlyMap<string, Strings>;
  readonly #files: TemplateFiles;
  readonly #name: string;

  /** @param issues receives what is wrong */
  constructor(files: TemplateFiles, name: string, manifest: Manifest, issues: TemplateIssue[]) {
    this.#files = files;
    this.#name = name;
    const own = new Map(files.under(`${name}/locales/`).map((path) => [basename(path, '.json'), path]));
    const manifestFile = `${name}/template.json`;
    if (own.size > 0 && !own.has(manifest.defaultLocale)) {
      const fix = `Create locales/${manifest.defaultLocale}.json, or set another default.`;
      const message = `/defaultLocale is ${manifest.defaultLocale}, which has no file in locales`;
      issues.push({ rule: 'locale', file: manifestFile, ...files.position(manifestFile, '/defaultLocale'), message, fix });
    }
    const { subject, preheader } = manifest;
    const common = { ...(subject !== undefined && { subject }), ...(preheader !== undefined && { preheader }) };
    const locales = [manifest.defaultLocale, ...[...own.keys()].filter((locale) => locale !== manifest.defaultLocale)];
    const strings = locales.map((locale): [string, Strings] | undefined => {
      const path = own.get(locale);
      if (!new RegExp(localePattern).test(locale)) {
        const fix = 'Name the file after a BCP 47 tag: ko.json, pt-BR.json.';
        issues.push({ rule: 'locale', file: path ?? manifestFile, message: `${locale} is not a locale`, fix });
      }
      const shared = this.#read(layoutFile(locale), issues);
      const ownStrings = path === undefined ? {} : this.#read(path, issues);
      const all: Strings = { ...shared, ...common, ...ownStrings };
      for (const key of ['subject', 'preheader'] as const) {
        if (all[key] !== undefined || ownStrings === undefined) continue;
        const fix = `Add "${key}" to it${path === undefined ? '' : ' or to template.json'}.`;
        issues.push({ rule: `${key}-missing`, file: path ?? manifestFile, message: `has no ${key}`, fix, locale });
      }
      const hasNoFile = path === undefined && own.size > 0;
      return shared === undefined || ownStrings === undefined || hasNoFile ? undefined : [locale, all];
    });
    this.strings = new Map(strings.filter((entry) => entry !== undefined));
  }

  /** Where a string of a locale is written; where it is not, the file in which it is missing. */
  readonly stringPosition = (locale: string, key: string): Position & { file: string } => {
    const own = `${this.#name}/locales/${locale}.json`;
    const manifest = `${this.#name}/template.json`;
    const isWritten = (file: string) => Object.hasOwn((this.#read(file, []) as object | undefined) ?? {}, key);
    const file = [own, ...(isManifestKey(key) ? [manifest] : []), layoutFile(locale)].find((file) =>
      file === manifest ? Object.hasOwn((this.#files.json(file, []) as object | undefined) ?? {}, key) : isWritten(file),
    );
    if (file !== undefined) return { file, ...this.#files.position(file, `/${key}`) };
    const isShared = this.#files.under(layoutFolder).some((path) => isWritten(path));
    const missing = [isShared ? layoutFile(locale) : own, own].find((path) => this.#files.has(path)) ?? manifest;
    return { file: missing, line: 1, column: 1 };
  };

  /** Undefined when the file has an issue; empty when there is no such file. */
  #read(path: string, issues: TemplateIssue[]): Strings | undefined {
    if (!this.#files.has(path)) return this.#files.isRefused(path) ? undefined : {};
    const strings = this.#files.json(path, issues);
    if (strings === undefined) return undefined;
    const found = stringsCheck()(strings);
    for (const { pointer, message } of found) {
      const fix = 'Use one object whose values are texts, without nesting.';
      const position = this.#files.position(path, pointer);
      issues.push({ rule: 'strings', file: path, ...position, message: `${pointer || 'as a whole'} ${message}`, fix });
    }
    return found.length > 0 ? undefined : (strings as Strings);
  }
}

const layoutFolder = '_layout/locales/';

function layoutFile(locale: string): string {
  return `${layoutFolder}${locale}.json`;
}

function isManifestKey(key: string): boolean {
  return key === 'subject' || key === 'preheader';
}
