import type { Service } from '@posthouse/contract';

/**
 * Services that live together: started in order, stopped in reverse, under one deadline.
 * A start that fails stops what had started. Concurrent callers of `stop` share one promise.
 */
export class ServiceGroup implements Service {
  readonly name: string;
  readonly #services: readonly Service[];
  readonly #stopDeadline: number;
  readonly #started: Service[] = [];
  #stopping: Promise<void> | undefined;

  /** @param stopDeadline ms that stopping all of them may take; what is not stopped by then is named in an error */
  constructor(name: string, services: readonly Service[], stopDeadline: number) {
    this.name = name;
    this.#services = services;
    this.#stopDeadline = stopDeadline;
  }

  async start(): Promise<void> {
    for (const service of this.#services) {
      if (this.#stopping !== undefined) return;
      this.#started.push(service);
      try {
        await service.start();
      } catch (error) {
        await this.stop().catch(() => undefined);
        throw error;
      }
    }
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stopAll();
    return this.#stopping;
  }

  async #stopAll(): Promise<void> {
    const issues: unknown[] = [];
    const deadline = Date.now() + this.#stopDeadline;
    for (const service of this.#started.reverse()) {
      await within(service.stop(), deadline - Date.now(), service.name).catch((error: unknown) => issues.push(error));
    }
    if (issues.length > 0)
      throw new AggregateError(issues, `${this.name} did not stop cleanly: ${issues.map((issue) => (issue as Error).message).join('; ')}`);
  }
}

async function within(work: Promise<void>, ms: number, what: string): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} did not stop in time`)), Math.max(ms, 0));
  });
  try {
    await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
