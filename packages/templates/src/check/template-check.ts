/** Checks the templates of one set, each compiled once. */
import { analyzeTemplate, type CompilerContext } from '../compiled-template.ts';
import { TemplateHelpers } from '../handlebars-helpers.ts';
import { loadMjml } from '../mjml-compiler.ts';
import type { SourceFile } from '../mjml-sources.ts';
import type { TemplateIssue } from '../template-error.ts';
import type { TemplateFiles } from '../template-files.ts';
import type { TemplateFolder } from '../template-set.ts';
import type { CheckConfig } from './check-config.ts';
import { clientIssues } from './client-support.ts';
import { renderedIssues } from './rendered-rules.ts';
import { SourceMarks } from './source-marks.ts';
import { sourceIssues } from './source-rules.ts';
import { styleDataIssues } from './style-data.ts';
import { unusedData, unusedStrings } from './usage-rules.ts';

/** The check of one set. */
export class TemplateCheck {
  readonly #context: CompilerContext;
  readonly #config: CheckConfig;
  readonly #checkedForClients = new Set<string>();

  constructor(files: TemplateFiles, config: CheckConfig) {
    this.#context = { files, helpers: new TemplateHelpers(), mjml: loadMjml() };
    this.#config = config;
  }

  /** Everything that is wrong with a template, except what its JSON says. */
  async issuesOf(folder: TemplateFolder): Promise<TemplateIssue[]> {
    try {
      return await this.#issuesOf(folder);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      const file = `${folder.template.name}/template.mjml`;
      return [{ rule: 'template-size', file, message: `is nested too deep: ${error.message}`, fix: 'Nest less.' }];
    }
  }

  async #issuesOf(folder: TemplateFolder): Promise<TemplateIssue[]> {
    const { files } = this.#context;
    const { name } = folder.template;
    const issues: TemplateIssue[] = [];
    const marks = new SourceMarks();
    const analysis = await analyzeTemplate(this.#context, folder, issues, marks);
    const { sources, usage, parses } = analysis;
    issues.push(...sourceIssues(sources), ...this.#clientIssues(sources), ...preheaderIssues(name, sources));
    issues.push(...sources.flatMap((source) => styleDataIssues(source, usage)));
    issues.push(...renderedIssues(folder, analysis, marks));
    if (parses && folder.isSound)
      issues.push(...unusedData(files, folder, usage), ...unusedStrings(files, `${name}/locales/`, usage.strings));
    return issues;
  }

  #clientIssues(sources: readonly SourceFile[]): TemplateIssue[] {
    const unchecked = sources.filter(({ path }) => !this.#checkedForClients.has(path));
    for (const { path } of unchecked) this.#checkedForClients.add(path);
    return unchecked.flatMap((source) => clientIssues(source, this.#config));
  }
}

function preheaderIssues(name: string, sources: readonly SourceFile[]): TemplateIssue[] {
  if (!sources.some(({ text }) => text.includes('<mj-body')) || sources.some(({ text }) => /<mj-preview\b[^>]*>\s*[^\s<]/.test(text)))
    return [];
  const fix = "Write <mj-preview>{{t 'preheader'}}</mj-preview> into mj-head.";
  return [{ rule: 'preheader-not-shown', file: `${name}/template.mjml`, line: 1, message: 'has no preheader in its HTML', fix }];
}
