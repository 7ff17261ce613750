/** Reads the JSON of a template set: each template's `template.json`, `locales/*.json` and `samples/*.json`. */
import { basename } from 'node:path/posix';
import { checker, durationMs, IssueList, type Priority, parseMailbox, type SchemaCheck, type UncertainPolicy } from '@posthouse/contract';
import { DataShape, pointerTokens } from './data-shape.ts';
import { localePattern, type Manifest, manifestCheck, namePattern, stringsCheck } from './manifest.ts';
import { TemplateError, type TemplateIssue } from './template-error.ts';
import { TemplateFiles } from './template-files.ts';

/** What is known about a template without compiling it. */
export interface CatalogueTemplate {
  readonly name: string;
  /** In the default locale, with its mustaches. */
  readonly subject: string;
  /** In the default locale, with its mustaches. */
  readonly preheader: string;
  readonly from?: string;
  /** JSON Schema of the data. */
  readonly schema: Readonly<Record<string, unknown>>;
  /** JSON pointers (RFC 6901) to the data that is masked wherever content is displayed. */
  readonly sensitive: readonly string[];
  /** template.json states which data is sensitive; an empty list counts. */
  readonly statesSensitive: boolean;
  /** Content is kept once a mail is sent, without the sensitive values. */
  readonly keepsContent: boolean;
  readonly priority?: Priority;
  readonly onUncertain?: UncertainPolicy;
  /** ms from when a mail is due until it expires, unless the mail sets `expiresAt`. */
  readonly expiresInMs?: number;
  /** The default locale first. */
  readonly locales: readonly string[];
  readonly defaultLocale: string;
  /** Sample data by name, for previews and tests; the first is the default. */
  readonly samples: Readonly<Record<string, Record<string, unknown>>>;
}

/** The strings of one locale, by key. `subject` and `preheader` always exist. */
type Strings = Readonly<Record<string, string>>;

/** A template's folder whose JSON is valid. */
export interface TemplateFolder {
  readonly template: CatalogueTemplate;
  /** Compiled from the schema. */
  readonly check: SchemaCheck;
  readonly strings: ReadonlyMap<string, Strings>;
}

/** A template set whose JSON has been read. */
export interface TemplateSet {
  readonly files: TemplateFiles;
  /** The templates without issues, by name, sorted by name. */
  readonly folders: ReadonlyMap<string, TemplateFolder>;
  /** What is wrong with the others. */
  readonly issues: TemplateIssue[];
}

const layoutLocales = '_layout/locales/';

/**
 * Reads a folder of templates. A subfolder whose name starts with `_` or `.` is not a template: `_layout` holds what they share.
 * @throws TemplateError when the folder cannot be read
 */
export async function readTemplateSet(dir: string): Promise<TemplateSet> {
  const issues: TemplateIssue[] = [];
  const files = await TemplateFiles.read(dir).catch((error: Error) => {
    const message = `cannot be read: ${error.message}`;
    throw new TemplateError(dir, [
      { rule: 'set-unreadable', file: '.', message, fix: 'Set TEMPLATES_DIR to the folder that contains the templates.' },
    ]);
  });
  const names = new Set(files.under('').flatMap((path) => /^([^_./][^/]*)\//.exec(path)?.[1] ?? []));
  const folders = new Map<string, TemplateFolder>();
  for (const name of names) {
    const folder = readTemplateFolder(files, name, issues);
    if (folder !== undefined) folders.set(name, folder);
  }
  return { files, folders, issues };
}

/** Reads a template's JSON. Returns undefined when there is an issue. */
function readTemplateFolder(files: TemplateFiles, name: string, issues: TemplateIssue[]): TemplateFolder | undefined {
  const issuesBefore = issues.length;
  if (!new RegExp(namePattern).test(name)) {
    issues.push({
      rule: 'template-name',
      file: name,
      message: 'is not a valid template name',
      fix: 'Use a name such as password-reset, or start it with _ if it is not a template.',
    });
  }
  const file = `${name}/template.json`;
  const manifest = readManifest(files, file, issues);
  if (manifest === undefined) return undefined;
  const check = compileCheck(manifest, file, issues);
  const strings = readLocales(files, name, manifest, issues);
  const samples = readSamples(files, name, check, issues);
  const locales = [...strings.keys()];
  const { subject = '', preheader = '' } = strings.get(manifest.defaultLocale) ?? {};
  if (issues.length > issuesBefore) return undefined;
  const { schema, sensitive = [], keepContent = true, defaultLocale, from, priority, onUncertain, expiresIn } = manifest;
  const statesSensitive = manifest.sensitive !== undefined;
  const keeping = { statesSensitive, keepsContent: statesSensitive && keepContent };
  const optional = {
    ...(from !== undefined && { from }),
    ...(priority !== undefined && { priority }),
    ...(onUncertain !== undefined && { onUncertain }),
    ...(expiresIn !== undefined && { expiresInMs: durationMs(expiresIn) }),
  };
  const template = { name, subject, preheader, schema, sensitive, ...keeping, locales, defaultLocale, samples, ...optional };
  return { template, check, strings };
}

function readManifest(files: TemplateFiles, file: string, issues: TemplateIssue[]): Manifest | undefined {
  const manifest = files.json(file, issues) as Manifest | undefined;
  if (manifest === undefined) return undefined;
  const found = manifestCheck()(manifest);
  for (const { pointer, message } of found) {
    const fix =
      'Required are defaultLocale and a strict schema; optional are subject, preheader, from, sensitive, keepContent, priority, onUncertain and expiresIn.';
    issues.push({ rule: 'manifest', file, message: `${pointer || 'as a whole'} ${message}`, fix });
  }
  if (found.length > 0) return undefined;
  if (manifest.from !== undefined && parseMailbox(manifest.from) === undefined) {
    issues.push({ rule: 'manifest', file, message: '/from is not an address', fix: 'Write it like "Posthouse <hello@example.com>".' });
  }
  for (const pointer of manifest.sensitive ?? []) {
    const shape = pointerTokens(pointer).reduce<DataShape | undefined>(
      (inner, token) => inner?.property(token),
      new DataShape(manifest.schema),
    );
    if (shape === undefined) {
      issues.push({
        rule: 'manifest',
        file,
        message: `/sensitive contains ${pointer}, which is not in the schema`,
        fix: 'Fix the pointer, or add the property to the schema.',
      });
    }
  }
  return manifest;
}

function compileCheck(manifest: Manifest, file: string, issues: TemplateIssue[]): SchemaCheck {
  try {
    return checker(manifest.schema);
  } catch (error) {
    issues.push({
      rule: 'schema',
      file,
      message: `/schema is not a JSON Schema: ${(error as Error).message}`,
      fix: 'Fix it; the supported version is draft-07.',
    });
    return () => new IssueList();
  }
}

/** The strings of every locale, the default one first: the layout's, then the manifest's subject and preheader, then the template's own. */
function readLocales(files: TemplateFiles, name: string, manifest: Manifest, issues: TemplateIssue[]): Map<string, Strings> {
  const paths = files.under(`${name}/locales/`);
  const own = new Map(paths.map((path) => [basename(path, '.json'), path]));
  const file = `${name}/template.json`;
  if (own.size > 0 && !own.has(manifest.defaultLocale)) {
    const fix = `Create locales/${manifest.defaultLocale}.json, or set another default.`;
    issues.push({ rule: 'locale', file, message: `/defaultLocale is ${manifest.defaultLocale}, which has no file in locales`, fix });
  }
  const locales = [manifest.defaultLocale, ...[...own.keys()].filter((locale) => locale !== manifest.defaultLocale)];
  const { subject, preheader } = manifest;
  const common = { ...(subject !== undefined && { subject }), ...(preheader !== undefined && { preheader }) };
  return new Map(
    locales.map((locale): [string, Strings] => {
      const path = own.get(locale);
      if (!new RegExp(localePattern).test(locale)) {
        issues.push({
          rule: 'locale',
          file: path ?? file,
          message: `${locale} is not a locale`,
          fix: 'Name the file after a BCP 47 tag: ko.json, pt-BR.json.',
        });
      }
      const shared = `${layoutLocales}${locale}.json`;
      const strings: Strings = {
        ...readStrings(files, shared, issues),
        ...common,
        ...(path !== undefined && readStrings(files, path, issues)),
      };
      for (const key of ['subject', 'preheader'].filter((key) => strings[key] === undefined)) {
        issues.push({
          rule: key === 'subject' ? 'subject-missing' : 'preheader-missing',
          file: path ?? file,
          message: `has no ${key}`,
          fix: `Add "${key}" to it${path === undefined ? '' : ' or to template.json'}.`,
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
  const found = stringsCheck()(strings);
  for (const { pointer, message } of found) {
    issues.push({
      rule: 'strings',
      file: path,
      message: `${pointer || 'as a whole'} ${message}`,
      fix: 'Use one object whose values are texts, without nesting.',
    });
  }
  return found.length > 0 ? {} : (strings as Record<string, string>);
}

function readSamples(files: TemplateFiles, name: string, check: SchemaCheck, issues: TemplateIssue[]): CatalogueTemplate['samples'] {
  const paths = files.under(`${name}/samples/`);
  if (paths.length === 0) {
    const fix = 'Create samples/default.json: previews show it, and it verifies that the template renders.';
    issues.push({ rule: 'sample-missing', file: `${name}/samples`, message: 'has no sample', fix });
  }
  return Object.fromEntries(
    paths.map((path) => {
      const sample = files.json(path, issues);
      for (const { pointer, message } of sample === undefined ? [] : check(sample)) {
        const fix = 'Fix the sample, or the schema in template.json.';
        issues.push({
          rule: 'sample-schema',
          file: path,
          message: `does not match the schema: ${pointer || 'as a whole'} ${message}`,
          fix,
        });
      }
      return [basename(path, '.json'), sample as Record<string, unknown>];
    }),
  );
}
