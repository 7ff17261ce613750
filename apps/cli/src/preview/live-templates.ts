/** The template set of the preview: read again whenever a file of its folder is saved. */
import { randomUUID } from 'node:crypto';
import { EventEmitter } from 'node:events';
import { type FSWatcher, watch } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { basename, join, resolve, sep } from 'node:path';
import type { Service, Timings } from '@posthouse/contract';
import { LazyTemplates } from '@posthouse/templates/lazy';

/** Emits `change` with the names of the templates that may look different now. */
export class LiveTemplates extends EventEmitter<{ change: [ReadonlySet<string>] }> implements Service {
  readonly name = 'templates';
  /** Absolute. */
  readonly dir: string;
  readonly templates: LazyTemplates;
  readonly #timings: Timings['preview'];
  /** One for each folder: a recursive one loses files that are renamed while it starts. */
  readonly #watchers = new Map<string, FSWatcher>();
  #timer: NodeJS.Timeout | undefined;
  #reading: Promise<void> | undefined;
  #hasNewFolders = true;
  #isStopped = false;
  #problem: string | undefined;
  readonly #id = randomUUID();
  #changes = 0;

  constructor(dir: string, timings: Timings['preview']) {
    super();
    this.setMaxListeners(0); // one for each open page
    this.dir = resolve(dir);
    this.templates = new LazyTemplates(this.dir);
    this.#timings = timings;
  }

  /** Why the folder cannot be read now: then the templates are those that it had before. */
  get problem(): string | undefined {
    return this.#problem;
  }

  /** Another text after each change, and in another process. */
  get revision(): string {
    return `${this.#id}-${this.#changes}`;
  }

  /** @throws TemplateError when the folder cannot be read */
  async start(): Promise<void> {
    await this.templates.refresh();
    await this.#watchFolders();
    await this.#read();
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    for (const watcher of this.#watchers.values()) watcher.close();
    this.#watchers.clear();
    await this.#reading;
  }

  /** Reads the folder soon; once for all changes until then. */
  #schedule(delay = this.#timings.settle): void {
    if (this.#isStopped || this.#timer !== undefined) return;
    this.#timer = setTimeout(async () => {
      await this.#reading;
      this.#timer = undefined;
      if (!this.#isStopped) this.#reading = this.#read();
    }, delay);
  }

  async #read(): Promise<void> {
    const before = this.#problem;
    try {
      if (this.#hasNewFolders) await this.#watchFolders();
      const changed = await this.templates.refresh();
      this.#problem = undefined;
      if (changed.size > 0 || before !== undefined) this.#emit(changed);
    } catch (error) {
      this.#problem = (error as Error).message;
      if (this.#problem !== before) this.#emit(new Set(this.templates.names));
      // A folder that is gone has no events, and one that takes its place is another one.
      this.#unwatch(this.dir);
      this.#schedule(this.#timings.check);
    }
  }

  #emit(changed: ReadonlySet<string>): void {
    this.#changes++;
    this.emit('change', changed);
  }

  async #watchFolders(): Promise<void> {
    this.#hasNewFolders = false;
    const entries = await readdir(this.dir, { recursive: true, withFileTypes: true });
    const folders = entries.filter((entry) => entry.isDirectory()).map((entry) => join(entry.parentPath, entry.name));
    for (const folder of [this.dir, ...folders]) {
      if (!this.#watchers.has(folder) && !this.#isStopped) this.#watchers.set(folder, this.#watch(folder));
    }
  }

  #watch(folder: string): FSWatcher {
    const watcher = watch(folder, (type, name) => {
      // A file or a folder was made, renamed or deleted. A folder that has the name now may be another one.
      if (type === 'rename') this.#unwatch(join(folder, name ?? ''));
      // So it says that the folder itself is gone.
      if (type === 'rename' && name === basename(folder)) this.#unwatch(folder);
      this.#schedule();
    });
    return watcher.on('error', () => {
      // The folder was deleted.
      this.#unwatch(folder);
      this.#schedule();
    });
  }

  /** Stops watching a folder and those in it. The next reading watches those that are there then. */
  #unwatch(path: string): void {
    this.#hasNewFolders = true;
    for (const [folder, watcher] of this.#watchers) {
      if (folder !== path && !folder.startsWith(path + sep)) continue;
      watcher.close();
      this.#watchers.delete(folder);
    }
  }
}
