/** What the terminal shows of template sets that are saved while the sandbox runs: API, worker and dashboard each load every one of them. */

/** The fields of such log lines: docs/logs.md. */
export interface TemplateSetLine {
  msg: string;
  /** Of the set in use. */
  hash?: string;
  /** Of the one that was refused; absent where the folder cannot be read. */
  refused?: string;
  count?: number;
  issues?: { rule?: string; file: string; line?: number }[];
}

/** Turns the events of all processes into one line for each set that is refused, and one when a set is in use again. */
export class TemplateNews {
  readonly #news: string[] = [];
  /** How many of these a process has had. One that is slower reports what another one has reported before. */
  readonly #seen = new Map<string, number>();

  /**
   * @param name of the process
   * @returns the line to show: undefined where there is no news, null for a line about something else
   */
  lineFor(name: string, { msg, hash, refused, count = 1, issues = [] }: TemplateSetLine): string | undefined | null {
    if (!/^template set (loaded|unchanged|refused)\b/.test(msg)) return null;
    const seen = this.#seen.get(name) ?? 0;
    const isRefused = refused !== undefined || issues.length > 0;
    // A file was saved without a change.
    if (msg === 'template set unchanged' && (isRefused || !this.#news[seen - 1]?.startsWith('refused'))) return undefined;
    const news = isRefused ? `refused ${refused} ${JSON.stringify(issues)}` : `in use ${hash}`;
    const known = this.#news.indexOf(news, seen);
    if (known < 0) this.#news.push(news);
    this.#seen.set(name, known < 0 ? this.#news.length : known + 1);
    if (known >= 0) return undefined;
    if (!isRefused) return '✓ The saved templates are in use.';
    const [first] = issues;
    const place =
      first === undefined || first.file === '.'
        ? 'templates'
        : `templates/${first.file}${first.line === undefined ? '' : `:${first.line}`}`;
    const what = `${first?.rule ?? 'cannot be used'}${count > 1 ? `, and ${count - 1} more` : ''}`;
    return `✗ ${place}: ${what}. The templates before stay in use; npm run templates -- check says what to do.`;
  }
}
