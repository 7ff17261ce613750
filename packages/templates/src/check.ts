/** Checks a folder of templates and lists everything that is wrong with it. It needs no Redis, no relay and no network. */
import { readCheckConfig } from './check/check-config.ts';
import { TemplateCheck } from './check/template-check.ts';
import { type RuleId, rules, type Severity } from './rules.ts';
import { TemplateError, type TemplateIssue } from './template-error.ts';
import { readFiles, readTemplateSet, templateNames } from './template-set.ts';

/** One thing that is wrong with a template, at the file and line that cause it. */
export interface Finding {
  readonly rule: RuleId;
  readonly severity: Severity;
  /** The template in which it was found; of an issue in a file that several share, the first of them. Empty for the set as a whole. */
  readonly template: string;
  /** Relative to the set's folder, with forward slashes. */
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** From 1; absent if unknown. */
  readonly column?: number;
  /** Continues the sentence that starts with the file: `is missing`. */
  readonly message: string;
  /** How to fix it, as a sentence. */
  readonly fix: string;
  /** The sample with which it was found, where it needs one. */
  readonly sample?: string;
  readonly locale?: string;
}

export { rules } from './rules.ts';

/** What is checked. */
export interface CheckOptions {
  /** Names of templates; by default all of the set. */
  readonly names?: readonly string[];
}

/**
 * Checks templates: their JSON, mustaches, MJML and samples.
 *
 * @param directory the folder of the set
 * @returns every finding once, in the order of files and lines; empty when nothing is wrong
 * @throws RangeError when the set has no template of a name
 */
export async function checkTemplates(directory: string, { names }: CheckOptions = {}): Promise<Finding[]> {
  const set = await readTemplateSet(directory, names).catch((error: unknown) => {
    if (error instanceof TemplateError) return error;
    throw error;
  });
  if (set instanceof TemplateError) return set.issues.map((issue) => finding(issue, ''));
  for (const name of names ?? []) {
    if (set.files.under(`${name}/`).length === 0 && !set.files.isRefused(name))
      throw new RangeError(`There is no template named ${name}. Existing templates: ${[...templateNames(set.files)].join(', ')}`);
  }
  const ofSet: TemplateIssue[] = [];
  const check = new TemplateCheck(set.files, readCheckConfig(set.files, ofSet));
  const findings = [...set.issues, ...ofSet].map((issue) => finding(issue, issue.template ?? ''));
  for (const [name, folder] of [...set.folders, ...set.incomplete]) {
    findings.push(...(await check.issuesOf(folder)).map((issue) => finding(issue, name)));
  }
  return sortedOnce(findings.filter(({ template }) => names === undefined || template === '' || names.includes(template)));
}

/** The names of the templates that `checkTemplates` checks; none when the folder cannot be read. */
export async function namesOfTemplates(directory: string): Promise<string[]> {
  const files = await readFiles(directory).catch(() => undefined);
  return files === undefined ? [] : [...templateNames(files)];
}

function finding({ rule, file, line = 1, ...issue }: TemplateIssue, template: string): Finding {
  return { rule, severity: rules[rule].severity, template, file, line, ...issue };
}

function sortedOnce(findings: readonly Finding[]): Finding[] {
  const byPlace = new Map<string, Finding>();
  for (const each of findings) {
    const key = JSON.stringify([each.file, each.line, each.rule, each.message]);
    if (!byPlace.has(key)) byPlace.set(key, each);
  }
  return [...byPlace.values()].sort((a, b) => (a.file === b.file ? a.line - b.line : a.file < b.file ? -1 : 1));
}
