import type { OperatorError } from '@posthouse/contract';

/** One thing that is wrong with the templates, for the person who will mend it. */
export interface TemplateIssue {
  /** Relative to the templates folder, with forward slashes. */
  file: string;
  /** From 1, where it is known. */
  line?: number;
  what: string;
  /** What to do about it. */
  fix: string;
}

/** Everything that is wrong with a set of templates, named at once: file, line, what, and how to mend it. */
export class TemplateError extends Error implements OperatorError {
  override readonly name = 'TemplateError';
  readonly forOperator = true;
  readonly issues: readonly TemplateIssue[];

  /** @param faults at least one; what several templates share, a layout's fault, is named once */
  constructor(dir: string, issues: readonly TemplateIssue[]) {
    const named = new Map(issues.map((issue) => [lineOf(issue), issue]));
    super(
      `The templates in ${dir} have ${named.size === 1 ? 'a fault' : `${named.size} faults`}:\n${[...named.keys()].map((line) => `  - ${line}`).join('\n')}`,
    );
    this.issues = [...named.values()];
  }
}

function lineOf({ file, line, what, fix }: TemplateIssue): string {
  return `${file}${line === undefined ? '' : `:${line}`} ${what}. ${fix}`;
}
