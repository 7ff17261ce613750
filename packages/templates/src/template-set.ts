/** Reads the JSON of a template set: each template's `template.json`, `locales/*.json` and `samples/*.json`. */
import { basename } from 'node:path/posix';
import { setImmediate } from 'node:timers/promises';
import {
  durationMs,
  IssueList,
  type Priority,
  parseMailbox,
  pointerTokens,
  replaceableChecker,
  type SchemaCheck,
  type UncertainPolicy,
  UnsupportedPattern,
} from '@posthouse/contract';
import { DataShape } from './data-shape.ts';
import { LocaleFiles } from './locale-files.ts';
import { type Manifest, manifestCheck, namePattern } from './manifest.ts';
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

/** What the JSON of a template's folder says. */
export interface TemplateFolder {
  readonly template: CatalogueTemplate;
  /** Compiled from the schema. */
  readonly check: SchemaCheck;
  readonly strings: LocaleFiles['strings'];
  /** Where a string of a locale is written; where it is not, where it would be. */
  readonly stringPosition: LocaleFiles['stringPosition'];
  /** Nothing had to be left out but samples. */
  readonly isSound: boolean;
}

/** A template set whose JSON has been read. */
export interface TemplateSet {
  readonly files: TemplateFiles;
  /** The templates without issues, by name, sorted by name. */
  readonly folders: ReadonlyMap<string, TemplateFolder>;
  /** The others, as far as they could be read: what cannot be read of them is left out. */
  readonly incomplete: ReadonlyMap<string, TemplateFolder>;
  /** What is wrong with the others. */
  readonly issues: TemplateIssue[];
}

/**
 * Reads a folder of templates. A subfolder whose name starts with `_` or `.` is not a template: `_layout` holds what they share.
 * @param names of the templates that are read; by default all
 * @throws TemplateError when the folder cannot be read
 */
export async function readTemplateSet(dir: string, names?: readonly string[]): Promise<TemplateSet> {
  const files = await readFiles(dir);
  const issues = files.issues.map((issue) => ({ ...issue, template: issue.file.split('/')[0] ?? '' }));
  const set = { files, folders: new Map<string, TemplateFolder>(), incomplete: new Map<string, TemplateFolder>(), issues };
  for (const name of templateNames(files)) {
    if (names?.includes(name) === false) continue;
    // A process that goes on sending mails loads the next set meanwhile.
    await setImmediate();
    const found: TemplateIssue[] = [];
    const folder = readFolder(files, name, found);
    const isValid = found.length === 0 && !issues.some(({ template }) => template === name);
    (isValid ? set.folders : set.incomplete).set(name, folder);
    issues.push(...found.map((issue) => ({ ...issue, template: name })));
  }
  return set;
}

/** @throws TemplateError when the folder cannot be read */
export async function readFiles(dir: string): Promise<TemplateFiles> {
  return await TemplateFiles.read(dir).catch((error: NodeJS.ErrnoException) => {
    const reasons: Record<string, string> = { ENOENT: 'there is no such folder', ENOTDIR: 'it is not a folder' };
    const message = `cannot be read: ${reasons[error.code ?? ''] ?? error.message}`;
    const fix = 'Set TEMPLATES_DIR to the folder that contains the templates.';
    throw new TemplateError(dir, [{ rule: 'set-unreadable', file: '.', message, fix }]);
  });
}

/** The names of the folders that are templates, sorted. */
export function templateNames(files: TemplateFiles): Set<string> {
  return new Set(files.under('').flatMap((path) => /^([^_./][^/]*)\//.exec(path)?.[1] ?? []));
}

/** Reads a template's JSON, and leaves out what has an issue. */
export function readFolder(files: TemplateFiles, name: string, issues: TemplateIssue[]): TemplateFolder {
  const before = issues.length;
  if (!new RegExp(namePattern).test(name)) {
    issues.push({
      rule: 'template-name',
      file: name,
      message: 'is not a valid template name',
      fix: 'Use a name such as password-reset, or start it with _ if it is not a template.',
    });
  }
  const file = `${name}/template.json`;
  const manifest = readManifest(files, file, unreadable(files, name), issues);
  const check = compileCheck(files, manifest, file, issues);
  const { strings, stringPosition } = new LocaleFiles(files, name, manifest, issues);
  const isSound = issues.length === before;
  const samples = readSamples(files, name, check, issues);
  const { subject = '', preheader = '' } = strings.get(manifest.defaultLocale) ?? {};
  const { schema, sensitive = [], keepContent = true, defaultLocale, from, priority, onUncertain, expiresIn } = manifest;
  const statesSensitive = manifest.sensitive !== undefined;
  const keeping = { statesSensitive, keepsContent: statesSensitive && keepContent };
  const optional = {
    ...(from !== undefined && { from }),
    ...(priority !== undefined && { priority }),
    ...(onUncertain !== undefined && { onUncertain }),
    ...(expiresIn !== undefined && { expiresInMs: durationMs(expiresIn) }),
  };
  const locales = [...strings.keys()];
  const template = { name, subject, preheader, schema, sensitive, ...keeping, locales, defaultLocale, samples, ...optional };
  return { template, check, strings, stringPosition, isSound };
}

/** In place of what cannot be read of template.json: everything may be in the data, and no locale has to have a subject. */
function unreadable(files: TemplateFiles, name: string): Manifest {
  const [first = 'en'] = files.under(`${name}/locales/`).map((path) => basename(path, '.json'));
  return { defaultLocale: first, schema: {}, subject: ' ', preheader: ' ' };
}

/** @param fallback in place of fields that are invalid, and then also of those that are missing */
function readManifest(files: TemplateFiles, file: string, fallback: Manifest, issues: TemplateIssue[]): Manifest {
  const manifest = files.json(file, issues) as Manifest | undefined;
  if (manifest === undefined) return fallback;
  const report = (pointer: string, message: string, fix: string) =>
    issues.push({ rule: 'manifest', file, ...files.position(file, pointer), message, fix });
  const found = manifestCheck()(manifest);
  for (const { pointer, message } of found) {
    const fix =
      'Required are defaultLocale and a strict schema; optional are subject, preheader, from, sensitive, keepContent, priority, onUncertain and expiresIn.';
    report(pointer, `${pointer || 'as a whole'} ${message}`, fix);
  }
  const invalid = new Set(Array.from(found, ({ pointer }) => pointerTokens(pointer)[0] ?? ''));
  if (invalid.has('')) return fallback;
  if (invalid.size > 0) {
    const valid = Object.entries(manifest).filter(([field]) => !invalid.has(field));
    // An unknown field may be one that is missing: then that is one mistake.
    return { ...fallback, ...Object.fromEntries(valid) };
  }
  if (manifest.from !== undefined && parseMailbox(manifest.from) === undefined) {
    report('/from', '/from is not an address', 'Write it like "Posthouse <hello@example.com>".');
  }
  for (const [index, pointer] of (manifest.sensitive ?? []).entries()) {
    const shape = pointerTokens(pointer).reduce<DataShape | undefined>(
      (inner, token) => inner?.property(token),
      new DataShape(manifest.schema),
    );
    if (shape === undefined) {
      const message = `/sensitive contains ${pointer}, which is not in the schema`;
      report(`/sensitive/${index}`, message, 'Fix the pointer, or add the property to the schema.');
    }
  }
  return manifest;
}

function compileCheck(files: TemplateFiles, manifest: Manifest, file: string, issues: TemplateIssue[]): SchemaCheck {
  try {
    return replaceableChecker(manifest.schema);
  } catch (error) {
    const { message } = error as Error;
    const report = (pointer: string, what: string, fix: string) =>
      issues.push({ rule: 'schema', file, ...files.position(file, `/schema${pointer}`), message: what, fix });
    if (error instanceof UnsupportedPattern) {
      const fix = 'Write it with characters, classes, groups and repetitions of up to 1000; minLength, maxLength and enum say the rest.';
      report(pointerOfPattern(manifest.schema, error.pattern) ?? '', `/schema: ${message}`, fix);
    } else {
      const pointer = /\bdata(\/[^ ,]+)/.exec(message)?.[1] ?? '';
      report(pointer, `/schema is not a JSON Schema: ${message}`, 'Fix it; the supported version is draft-07.');
    }
    return () => new IssueList();
  }
}

/** Where a schema has a pattern. */
function pointerOfPattern(schema: unknown, pattern: string): string | undefined {
  if (typeof schema !== 'object' || schema === null) return undefined;
  for (const [name, inner] of Object.entries(schema)) {
    const token = `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
    const found = (name === 'pattern' && inner === pattern) || name === pattern ? '' : pointerOfPattern(inner, pattern);
    if (found !== undefined) return token + found;
  }
  return undefined;
}

function readSamples(files: TemplateFiles, name: string, check: SchemaCheck, issues: TemplateIssue[]): CatalogueTemplate['samples'] {
  const paths = files.under(`${name}/samples/`);
  if (paths.length === 0 && !files.isRefused(`${name}/samples`)) {
    const fix = 'Create samples/default.json: previews show it, and it verifies that the template renders.';
    issues.push({ rule: 'sample-missing', file: `${name}/samples`, message: 'has no sample', fix });
  }
  const samples = paths.flatMap((path): [string, Record<string, unknown>][] => {
    const sample = files.json(path, issues);
    if (sample === undefined) return [];
    const found = check(sample);
    for (const { pointer, message } of found) {
      issues.push({
        rule: 'sample-schema',
        file: path,
        ...files.position(path, pointer),
        message: `does not match the schema: ${pointer || 'as a whole'} ${message}`,
        fix: 'Fix the sample, or the schema in template.json.',
        sample: basename(path, '.json'),
      });
    }
    return found.length > 0 ? [] : [[basename(path, '.json'), sample as Record<string, unknown>]];
  });
  return Object.fromEntries(samples);
}
