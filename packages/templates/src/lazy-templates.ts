/**
 * A template set that changes while it is looked at. A template is compiled when somebody looks at it, by the compiler of the worker, and
 * again only after one of its own files or of the files that it includes has changed.
 */
import { Catalogue } from './catalogue.ts';
import { type CompiledTemplate, type CompilerContext, compileTemplate } from './compiled-template.ts';
import { TemplateHelpers } from './handlebars-helpers.ts';
import { loadMjml } from './mjml-compiler.ts';
import { mjmlSources } from './mjml-sources.ts';
import { Renderer } from './render.ts';
import type { TemplateIssue } from './template-error.ts';
import type { TemplateFiles } from './template-files.ts';
import { type CatalogueTemplate, readFiles, readFolder, type TemplateFolder, templateNames } from './template-set.ts';

export type { CatalogueTemplate } from './template-set.ts';

/** A template as its files say it is now. */
export interface LazyTemplate {
  readonly name: string;
  /** As far as its JSON can be read. */
  readonly template: CatalogueTemplate;
  /** A renderer of this template alone; absent while it has an issue other than that it has no sample. */
  readonly renderer?: Renderer;
  /** Why a worker would refuse it; empty when it would not. */
  readonly issues: readonly TemplateIssue[];
}

/**
 * The subject of the first sample in the default locale. It needs no MJML, so that it is cheap for many templates.
 * @returns the subject with its mustaches where it does not render
 */
export function sampleSubject({ subject, samples, defaultLocale }: CatalogueTemplate): string {
  const [data] = Object.values(samples);
  if (data === undefined) return subject;
  const frame = { data: { locale: defaultLocale, strings: new Map(), isMasked: false } };
  try {
    return new TemplateHelpers().compile(subject, 'text')(data, frame);
  } catch {
    return subject;
  }
}

interface Entry {
  readonly name: string;
  readonly folder: TemplateFolder;
  /** Of its JSON, and of files that cannot be read. */
  readonly issues: readonly TemplateIssue[];
  /** The files that its MJML was compiled from; undefined until it was, without an issue. */
  sources?: ReadonlySet<string>;
  compiled?: Promise<LazyTemplate>;
}

/** Templates by name, each read and compiled no more often than it changes. */
export class LazyTemplates {
  readonly #dir: string;
  #context: CompilerContext | undefined;
  #entries = new Map<string, Entry>();

  constructor(dir: string) {
    this.#dir = dir;
  }

  /** Sorted. */
  get names(): string[] {
    return [...this.#entries.keys()];
  }

  /** What is known of a template without compiling it. */
  uncompiled(name: string): LazyTemplate | undefined {
    const entry = this.#entries.get(name);
    return entry && { name, issues: entry.issues, template: entry.folder.template };
  }

  /**
   * Reads the folder.
   * @returns the names of the templates that may have changed, were added or removed
   * @throws TemplateError when the folder cannot be read
   */
  async refresh(): Promise<ReadonlySet<string>> {
    const files = await readFiles(this.#dir);
    const previous = this.#context;
    const changed = previous && files.changedFrom(previous.files);
    if (changed?.length === 0) return new Set();
    this.#context = { helpers: new TemplateHelpers(), mjml: previous?.mjml ?? loadMjml(), files };
    const entries = new Map<string, Entry>();
    const affected = new Set([...this.#entries.keys()].filter((name) => !templateNames(files).has(name)));
    for (const name of templateNames(files)) {
      const kept = this.#entries.get(name);
      const isKept = kept !== undefined && changed?.some((path) => isInput(kept, path)) === false;
      if (!isKept) affected.add(name);
      entries.set(name, isKept ? kept : entryOf(files, name, kept, changed));
    }
    this.#entries = entries;
    return affected;
  }

  /** A template, compiled; undefined where there is none of that name. */
  async get(name: string): Promise<LazyTemplate | undefined> {
    const entry = this.#entries.get(name);
    if (entry === undefined || this.#context === undefined) return undefined;
    entry.compiled ??= compile(this.#context, entry);
    return await entry.compiled;
  }
}

/** Whether a template has to be read or compiled again when this file changes. */
function isInput({ name, sources }: Entry, path: string): boolean {
  if (path.startsWith(`${name}/`) || isSharedString(path)) return true;
  // Until it was compiled it may include any file, also one that does not exist yet.
  return sources === undefined ? !path.endsWith('.json') : sources.has(path);
}

function isSharedString(path: string): boolean {
  return path.startsWith('_layout/locales/');
}

function entryOf(files: TemplateFiles, name: string, kept: Entry | undefined, changed: readonly string[] | undefined): Entry {
  const isJson = (path: string) => isSharedString(path) || (path.startsWith(`${name}/`) && path.endsWith('.json'));
  // A schema takes longer to compile than MJML, so it is not done for each change of a layout.
  const issues = files.issues.filter(({ file }) => file === name || file.startsWith(`${name}/`));
  if (kept?.issues.length === 0 && issues.length === 0 && changed?.some(isJson) === false) return { name, folder: kept.folder, issues };
  const folder = readFolder(files, name, issues);
  return { name, folder, issues };
}

async function compile(context: CompilerContext, entry: Entry): Promise<LazyTemplate> {
  const { name, folder, issues } = entry;
  const { files } = context;
  const found = [...issues];
  const compiled = await compileTemplate(context, folder, found);
  // A template without a sample can be rendered with data that somebody types, which may become its first sample.
  if (compiled === undefined || found.some(({ rule }) => rule !== 'sample-missing'))
    return { name, template: folder.template, issues: unique(found) };
  const only = <T>(value: T) => new Map([[name, value]]);
  entry.sources = new Set(mjmlSources(files, `${name}/template.mjml`, []).map(({ path }) => path));
  const renderer = new Renderer(new Catalogue(files.hash, only(folder)), only<CompiledTemplate>(compiled));
  return { name, template: folder.template, renderer, issues: found };
}

/** An issue of a string that several lines use is there once. */
function unique(issues: readonly TemplateIssue[]): TemplateIssue[] {
  return [...new Map(issues.map((issue) => [`${issue.file}:${issue.line} ${issue.message}`, issue])).values()];
}
