/** The error that lists what is wrong with a template set. */
import type { OperatorError } from '@posthouse/contract';
import type { RuleId } from './rules.ts';

/** One thing that is wrong with a template, for its author. */
export interface TemplateIssue {
  rule: RuleId;
  /** Relative to the templates folder, with forward slashes. */
  file: string;
  /** From 1; absent if unknown. */
  line?: number;
  /** From 1; absent if unknown. */
  column?: number;
  /** Continues the sentence that starts with the file: `is missing`. */
  message: string;
  /** How to fix it, as a sentence. */
  fix: string;
  /** The template in which it was found. */
  template?: string;
  /** The sample and the locale with which it was found, where it needs them. */
  sample?: string;
  locale?: string;
}

/** Lists all issues of a template set, each with file, line, message and how to fix it. */
export class TemplateError extends Error implements OperatorError {
  override readonly name = 'TemplateError';
  readonly forOperator = true;
  readonly issues: readonly TemplateIssue[];

  /** @param issues at least one; an issue of a layout that several templates share is listed once */
  constructor(dir: string, issues: readonly TemplateIssue[]) {
    const unique = new Map(issues.map((issue) => [describe(dir, issue), issue]));
    super(
      `The templates in ${dir} have ${unique.size === 1 ? 'an issue' : `${unique.size} issues`}:\n${[...unique.keys()].map((line) => `  - ${line}`).join('\n')}`,
    );
    this.issues = [...unique.values()];
  }
}

/** The set's folder itself, which an issue has as `.`, is named. */
function describe(dir: string, { file, line, message, fix }: TemplateIssue): string {
  return `${file === '.' ? dir : file}${line === undefined ? '' : `:${line}`} ${message}. ${fix}`;
}
