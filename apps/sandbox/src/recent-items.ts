/** The newest of many things, by id. What is older is forgotten, so that a sandbox that runs for weeks does not grow. */
export class RecentItems<T extends { id: string }> {
  readonly #max: number;
  readonly #things = new Map<string, T>();

  /** @param most how many are kept */
  constructor(max: number) {
    this.#max = max;
  }

  add(thing: T): void {
    this.#things.set(thing.id, thing);
    const [oldest] = this.#things.keys();
    if (this.#things.size > this.#max && oldest !== undefined) this.#things.delete(oldest);
  }

  find(id: string): T | undefined {
    return this.#things.get(id);
  }

  /** Newest first. */
  list(): T[] {
    return [...this.#things.values()].reverse();
  }
}
