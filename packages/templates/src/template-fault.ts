/** One thing that is wrong with the templates, for the person who will mend it. */
export interface FileFault {
  /** Relative to the templates folder, with forward slashes. */
  file: string;
  /** From 1, where it is known. */
  line?: number;
  what: string;
  /** What to do about it. */
  mend: string;
}

/** Everything that is wrong with a set of templates, named at once: file, line, what, and how to mend it. */
export class TemplateFault extends Error {
  override readonly name = 'TemplateFault';
  readonly faults: readonly FileFault[];

  /** @param faults at least one; what several templates share, a layout's fault, is named once */
  constructor(dir: string, faults: readonly FileFault[]) {
    const named = new Map(faults.map((fault) => [lineOf(fault), fault]));
    super(
      `The templates in ${dir} have ${named.size === 1 ? 'a fault' : `${named.size} faults`}:\n${[...named.keys()].map((line) => `  - ${line}`).join('\n')}`,
    );
    this.faults = [...named.values()];
  }
}

function lineOf({ file, line, what, mend }: FileFault): string {
  return `${file}${line === undefined ? '' : `:${line}`} ${what}. ${mend}`;
}
