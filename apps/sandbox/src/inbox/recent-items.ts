/** The most recent items, by id. Older ones are dropped, so that a sandbox that runs for weeks does not grow. */
export class RecentItems<T extends { id: string }> {
  readonly #max: number;
  readonly #items = new Map<string, T>();

  /** @param max number of items that are kept */
  constructor(max: number) {
    this.#max = max;
  }

  add(item: T): void {
    this.#items.set(item.id, item);
    const [oldest] = this.#items.keys();
    if (this.#items.size > this.#max && oldest !== undefined) this.#items.delete(oldest);
  }

  find(id: string): T | undefined {
    return this.#items.get(id);
  }

  /** Newest first. */
  list(): T[] {
    return [...this.#items.values()].reverse();
  }
}
