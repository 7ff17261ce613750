/** One template's folder, as far as it is JSON: `template.json`, `locales/*.json`, `samples/*.json`. */
import { basename } from 'node:path/posix';
import { checker, type Priority, parseMailbox, type SchemaCheck, type UncertainPolicy } from '@posthouse/contract';
import { DataShape } from './data-shape.ts';
import { pointerTokens } from './json-pointer.ts';
import { durationMs, localePattern, type Manifest, manifestCheck, namePattern, stringsCheck } from './manifest.ts';
import type { TemplateIssue } from './template-error.ts';
import type { TemplateFiles } from './template-files.ts';

/** What is known of a template without compiling it. */
export interface CatalogueTemplate {
  readonly name: string;
  /** In the default locale, with its mustaches. */
  readonly subject: string;
  /** In the default locale, with its mustaches. */
  readonly preheader: string;
  readonly from?: string;
  /** JSON Schema of the data. */
  readonly schema: Readonly<Record<string, unknown>>;
  /** JSON pointers (RFC 6901) into the data, to what must be masked wherever content is shown. */
  readonly sensitive: readonly string[];
  readonly priority?: Priority;
  readonly onUncertain?: UncertainPolicy;
  /** ms after it is due that a mail expires, unless it says so itself. */
  readonly expiresInMs?: number;
  /** The default one first. */
  readonly locales: readonly string[];
  readonly defaultLocale: string;
  /** Data by name, for previews and tests; the first is the default. */
  readonly samples: Readonly<Record<string, Record<string, unknown>>>;
}

/** The words of one locale, by key. `subject` and `preheader` are always among them. */
type Strings = Readonly<Record<string, string>>;

/** A template's folder, read and found sound. */
export interface TemplateFolder {
  readonly template: CatalogueTemplate;
  /** Compiled from the schema. */
  readonly check: SchemaCheck;
  readonly strings: ReadonlyMap<string, Strings>;
}

const layoutLocales = '_layout/locales/';

/** Reads a template's JSON. Undefined, with faults, when it is not sound. */
export function readTemplateFolder(files: TemplateFiles, name: string, issues: TemplateIssue[]): TemplateFolder | undefined {
  const before = issues.length;
  if (!new RegExp(namePattern).test(name)) {
    issues.push({ file: name, what: 'is not a name for a template', fix: 'Name the folder like password-reset, or start it with _.' });
  }
  const file = `${name}/template.json`;
  const manifest = readManifest(files, file, issues);
  if (manifest === undefined) return undefined;
  const check = compiledCheck(manifest, file, issues);
  const strings = readLocales(files, name, manifest, issues);
  const samples = readSamples(files, name, check, issues);
  const locales = [...strings.keys()];
  const { subject = '', preheader = '' } = strings.get(manifest.defaultLocale) ?? {};
  if (issues.length > before) return undefined;
  const { schema, sensitive = [], defaultLocale, from, priority, onUncertain, expiresIn } = manifest;
  const optional = {
    ...(from !== undefined && { from }),
    ...(priority !== undefined && { priority }),
    ...(onUncertain !== undefined && { onUncertain }),
    ...(expiresIn !== undefined && { expiresInMs: durationMs(expiresIn) }),
  };
  return { template: { name, subject, preheader, schema, sensitive, locales, defaultLocale, samples, ...optional }, check, strings };
}

function readManifest(files: TemplateFiles, file: string, issues: TemplateIssue[]): Manifest | undefined {
  const manifest = files.json(file, issues) as Manifest | undefined;
  if (manifest === undefined) return undefined;
  const wrong = manifestCheck()(manifest);
  for (const { pointer, message } of wrong) {
    const fix =
      'It has defaultLocale and a strict schema, and may have subject, preheader, from, sensitive, priority, onUncertain and expiresIn.';
    issues.push({ file, what: `${pointer || 'as a whole'} ${message}`, fix });
  }
  if (wrong.length > 0) return undefined;
  if (manifest.from !== undefined && parseMailbox(manifest.from) === undefined) {
    issues.push({ file, what: '/from is not an address', fix: 'Write it like "Posthouse <hello@example.com>".' });
  }
  for (const pointer of manifest.sensitive ?? []) {
    const shape = pointerTokens(pointer).reduce<DataShape | undefined>(
      (inner, token) => inner?.property(token),
      new DataShape(manifest.schema),
    );
    if (shape === undefined) {
      issues.push({ file, what: `/sensitive names ${pointer}, which is not in the schema`, fix: 'Mend the pointer, or add it there.' });
    }
  }
  return manifest;
}

function compiledCheck(manifest: Manifest, file: string, issues: TemplateIssue[]): SchemaCheck {
  try {
    return checker(manifest.schema);
  } catch (error) {
    issues.push({ file, what: `/schema is not a JSON Schema: ${(error as Error).message}`, fix: 'Mend it; draft-07 is understood.' });
    return () => [];
  }
}

/** The strings of every locale, the default one first: the layout's, then the manifest's subject and preheader, then the template's own. */
function readLocales(files: TemplateFiles, name: string, manifest: Manifest, issues: TemplateIssue[]): Map<string, Strings> {
  const paths = files.under(`${name}/locales/`);
  const own = new Map(paths.map((path) => [basename(path, '.json'), path]));
  const file = `${name}/template.json`;
  if (own.size > 0 && !own.has(manifest.defaultLocale)) {
    const fix = `Write locales/${manifest.defaultLocale}.json, or name another default.`;
    issues.push({ file, what: `/defaultLocale is ${manifest.defaultLocale}, which has no file in locales`, fix });
  }
  const locales = [manifest.defaultLocale, ...[...own.keys()].filter((locale) => locale !== manifest.defaultLocale)];
  const { subject, preheader } = manifest;
  const common = { ...(subject !== undefined && { subject }), ...(preheader !== undefined && { preheader }) };
  return new Map(
    locales.map((locale): [string, Strings] => {
      const path = own.get(locale);
      if (!new RegExp(localePattern).test(locale)) {
        issues.push({ file: path ?? file, what: `${locale} is not a locale`, fix: 'Name the file by a BCP 47 tag: ko.json, pt-BR.json.' });
      }
      const shared = `${layoutLocales}${locale}.json`;
      const strings: Strings = {
        ...readStrings(files, shared, issues),
        ...common,
        ...(path !== undefined && readStrings(files, path, issues)),
      };
      for (const key of ['subject', 'preheader'].filter((key) => strings[key] === undefined)) {
        issues.push({
          file: path ?? file,
          what: `has no ${key}`,
          fix: `Add "${key}" there${path === undefined ? '' : ' or in template.json'}.`,
        });
      }
      return [locale, strings];
    }),
  );
}

function readStrings(files: TemplateFiles, path: string, issues: TemplateIssue[]): Record<string, string> {
  if (!files.has(path)) return {};
  const strings = files.json(path, issues);
  if (strings === undefined) return {};
  const wrong = stringsCheck()(strings);
  for (const { pointer, message } of wrong) {
    issues.push({ file: path, what: `${pointer || 'as a whole'} ${message}`, fix: 'A locale is one flat object of texts.' });
  }
  return wrong.length > 0 ? {} : (strings as Record<string, string>);
}

function readSamples(files: TemplateFiles, name: string, check: SchemaCheck, issues: TemplateIssue[]): CatalogueTemplate['samples'] {
  const paths = files.under(`${name}/samples/`);
  if (paths.length === 0) {
    const fix = 'Write samples/default.json: previews show it, and it proves that the template renders.';
    issues.push({ file: `${name}/samples`, what: 'has no sample', fix });
  }
  return Object.fromEntries(
    paths.map((path) => {
      const sample = files.json(path, issues);
      for (const { pointer, message } of sample === undefined ? [] : check(sample)) {
        const fix = 'Mend the sample, or the schema in template.json.';
        issues.push({ file: path, what: `does not fit the schema: ${pointer || 'as a whole'} ${message}`, fix });
      }
      return [basename(path, '.json'), sample as Record<string, unknown>];
    }),
  );
}
