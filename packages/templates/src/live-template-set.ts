/**
 * The template set of a running process. When its folder changes, the new set is loaded beside the one in use and takes its place once it is
 * complete and valid; a set with issues is refused, and the one in use stays.
 *
 * The folder is looked at again and again instead of being watched: a volume of Kubernetes exchanges a link, and on network and overlay file
 * systems no notification comes. See `fingerprint` for what a look costs.
 */
import { setTimeout } from 'node:timers/promises';
import type { Service, Timings } from '@posthouse/contract';
import { fingerprint } from './set-folder.ts';
import { TemplateError, type TemplateIssue } from './template-error.ts';
import { TemplateFiles } from './template-files.ts';

/** The set in use: read it once for each mail or request, so that nothing is made of two sets. */
export interface TemplateSource<Loaded> {
  readonly current: Loaded;
}

/** A set that was not taken into use. */
export interface RefusedSet {
  /** Of its content; undefined where the folder cannot be read. */
  readonly hash: string | undefined;
  /** ms since the epoch. */
  readonly at: number;
  /** At least one. One without a rule stands for the whole set. */
  readonly issues: readonly RefusedIssue[];
}

type RefusedIssue = Omit<TemplateIssue, 'rule'> & Partial<Pick<TemplateIssue, 'rule'>>;

/** The logger of a process. */
interface Log {
  info(fields: object, event: string): void;
  error(fields: object, event: string): void;
}

/** How many issues a log line has. */
const maxLogged = 20;

/** Loads and checks a set. It throws TemplateError, or any other error, for one that is not to be used. @param signal ends it, where the process stops */
type Load<Loaded> = (dir: string, signal: AbortSignal) => Promise<Loaded>;

interface LiveOptions<Loaded> {
  dir: string;
  load: Load<Loaded>;
  timings: Timings['templateSet'];
  log: Log;
}

/** @template Loaded a catalogue or a renderer */
export class LiveTemplateSet<Loaded extends { readonly hash: string }> implements Service, TemplateSource<Loaded> {
  readonly name = 'template set';
  readonly #dir: string;
  readonly #load: Load<Loaded>;
  readonly #timings: Timings['templateSet'];
  readonly #log: Log;
  readonly #stopping = new AbortController();
  #current: Loaded;
  #since = Date.now();
  #refused: RefusedSet | undefined;
  /** Called when the set in use, or the refused one, is another. */
  onChange: () => void = () => undefined;
  /** The state of the folder that was dealt with last. */
  #seen: string;
  #polling: Promise<void> | undefined;
  #running: Promise<void> | undefined;
  #next: Promise<void> | undefined;

  private constructor({ dir, load, timings, log }: LiveOptions<Loaded>, current: Loaded, seen: string) {
    this.#dir = dir;
    this.#load = load;
    this.#timings = timings;
    this.#log = log;
    this.#current = current;
    this.#seen = seen;
  }

  /**
   * Loads the first set.
   *
   * @throws what `load` throws: a process does not start with an invalid set
   */
  static async load<Loaded extends { readonly hash: string }>(options: LiveOptions<Loaded>): Promise<LiveTemplateSet<Loaded>> {
    // What changes while the set is loaded is found by the first look.
    const seen = await fingerprint(options.dir);
    return new LiveTemplateSet(options, await options.load(options.dir, new AbortController().signal), seen);
  }

  get current(): Loaded {
    return this.#current;
  }

  /** When the set in use was loaded by this process, ms since the epoch. */
  get since(): number {
    return this.#since;
  }

  /** The set that is in the folder now, where it was refused. */
  get refused(): RefusedSet | undefined {
    return this.#refused;
  }

  /** For `/readyz`: a process with a refused set is ready, and says so. It has no data of a mail or a sample. */
  health(): { templateSet: 'ok' | 'refused'; detail?: string } {
    if (this.#refused === undefined) return { templateSet: 'ok' };
    const [issue] = this.#refused.issues;
    const count = this.#refused.issues.length;
    const first = `${issue?.file}${issue?.line === undefined ? '' : `:${issue.line}`}`;
    return {
      templateSet: 'refused',
      detail: `The changed template set has ${count === 1 ? 'an issue' : `${count} issues, the first`} in ${first}. The set ${this.#current.hash} stays in use.`,
    };
  }

  async start(): Promise<void> {
    this.#polling ??= this.#poll();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await Promise.all([this.#polling, this.#running, this.#next]);
  }

  /** Loads the set again if the folder has another content. Calls while one runs share one more run after it. */
  reload(): Promise<void> {
    if (this.#running === undefined) return this.#run();
    this.#next ??= this.#running.then(() => {
      this.#next = undefined;
      // The run before may have seen it already.
      return this.#run({ ifChanged: true });
    });
    return this.#next;
  }

  async #poll(): Promise<void> {
    while (await this.#wait(this.#timings.poll)) if ((await fingerprint(this.#dir)) !== this.#seen) await this.reload();
  }

  #run({ ifChanged = false } = {}): Promise<void> {
    this.#running = this.#loadUnchanging(ifChanged).finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  /**
   * A file may be half saved, or one of several be saved already: the set is loaded when nothing has changed for a while.
   * @param ifChanged not where the folder is as it was when a set was loaded or refused last
   */
  async #loadUnchanging(ifChanged: boolean): Promise<void> {
    let state = await fingerprint(this.#dir);
    if (ifChanged && state === this.#seen) return;
    while (await this.#wait(this.#timings.settle)) {
      const before = state;
      state = await fingerprint(this.#dir);
      if (state !== before) continue;
      const loaded = await this.#tryLoad();
      if (this.#stopping.signal.aborted) return;
      state = await fingerprint(this.#dir);
      // What was loaded from a folder that has changed meanwhile may be a mixture.
      if (state !== before) continue;
      this.#seen = state;
      this.#accept(loaded);
      return;
    }
  }

  /** @returns the set, why it is refused, or whether the content is that of the set in use or of the one that was refused before */
  async #tryLoad(): Promise<Loaded | RefusedSet | 'present' | 'refused-before'> {
    // Why a folder cannot be read, the loading says.
    const hash = (await TemplateFiles.read(this.#dir).catch(() => undefined))?.hash;
    if (hash === this.#current.hash) return 'present';
    if (hash !== undefined && hash === this.#refused?.hash && isOfContent(this.#refused)) return 'refused-before';
    try {
      return await this.#load(this.#dir, this.#stopping.signal);
    } catch (error) {
      return { hash, at: Date.now(), issues: issuesOf(error as Error) };
    }
  }

  #accept(result: Loaded | RefusedSet | 'present' | 'refused-before'): void {
    if (result === 'present' || result === 'refused-before') {
      const refused = result === 'refused-before' && { refused: this.#refused?.hash };
      this.#log.info({ hash: this.#current.hash, ...refused }, 'template set unchanged');
      if (result === 'refused-before' || this.#refused === undefined) return;
      this.#refused = undefined;
    } else if ('issues' in result) {
      this.#refused = result;
      // Messages can quote a sample or a template, so they are not logged.
      const issues = result.issues.slice(0, maxLogged).map(({ rule, file, line }) => ({ rule, file, line }));
      const fields = { hash: this.#current.hash, refused: result.hash, count: result.issues.length, issues };
      this.#log.error(fields, 'template set refused; the one in use stays');
    } else {
      this.#log.info({ hash: result.hash, before: this.#current.hash }, 'template set loaded');
      this.#current = result;
      this.#since = Date.now();
      this.#refused = undefined;
    }
    this.onChange();
  }

  /** @returns false when the process stops */
  async #wait(ms: number): Promise<boolean> {
    const { signal } = this.#stopping;
    return await setTimeout(ms, true, { signal }).catch(() => false);
  }
}

/** The same content has the same issues again. What else went wrong, such as a lack of memory, may have passed. */
function isOfContent({ issues }: RefusedSet): boolean {
  return issues.every(({ rule }) => rule !== undefined);
}

/** Any other error than TemplateError stands for the whole set: one of the configuration, such as a sender that is not allowed, or a bug. */
function issuesOf(error: Error): readonly RefusedIssue[] {
  if (error instanceof TemplateError) return error.issues;
  return [{ file: '.', message: `cannot be used: ${error.message}`, fix: 'Fix what the message names.' }];
}

/** The part of the metrics of a process that is needed here. */
interface Metrics {
  gauge(name: string, help: string, labelNames?: readonly 'hash'[]): { set(labels: { hash: string }, value: number): void; reset(): void };
  beforeScrape(collect: () => Promise<void>): void;
}

/** Adds what a process reports of its template set. */
export function addTemplateSetMetrics(metrics: Metrics, set: Pick<LiveTemplateSet<{ hash: string }>, 'current' | 'refused'>): void {
  const info = metrics.gauge('posthouse_template_set_info', 'Always 1; the label says which template set this process uses.', ['hash']);
  const refused = metrics.gauge('posthouse_template_set_refused', 'Whether the folder has a template set that this process refused.', [
    'hash',
  ]);
  metrics.beforeScrape(async () => {
    for (const gauge of [info, refused]) gauge.reset();
    info.set({ hash: set.current.hash }, 1);
    refused.set({ hash: set.refused?.hash ?? 'none' }, set.refused === undefined ? 0 : 1);
  });
}
