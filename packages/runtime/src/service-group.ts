/** Services that start in order and stop in reverse order, under one deadline. */
import type { Service } from '@posthouse/contract';

/** What happened to one service of a group. */
export type ServiceEvent = 'service started' | 'service stopped';

/** Several services as one. When a service fails to start, those before it are stopped. Concurrent callers of `stop` share one promise. */
export class ServiceGroup implements Service {
  readonly name: string;
  /** The first one of a service of the group. */
  readonly failure: Promise<Error>;
  readonly #services: readonly Service[];
  readonly #stopDeadline: number;
  readonly #onEvent: (event: ServiceEvent, service: string) => void;
  readonly #started: Service[] = [];
  #stopping: Promise<void> | undefined;

  /**
   * @param stopDeadline ms until all services must have stopped; the error of `stop` names those that have not
   * @param onEvent called with each service that has started or stopped
   */
  constructor(
    name: string,
    services: readonly Service[],
    stopDeadline: number,
    onEvent: (event: ServiceEvent, service: string) => void = () => undefined,
  ) {
    this.name = name;
    this.failure = Promise.race(services.flatMap(({ failure }) => failure ?? []));
    this.#services = services;
    this.#stopDeadline = stopDeadline;
    this.#onEvent = onEvent;
  }

  async start(): Promise<void> {
    for (const service of this.#services) {
      if (this.#stopping !== undefined) return;
      this.#started.push(service);
      try {
        await service.start();
        this.#onEvent('service started', service.name);
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

  async reload(): Promise<void> {
    await Promise.all(this.#services.map((service) => service.reload?.()));
  }

  async #stopAll(): Promise<void> {
    const errors: Error[] = [];
    const deadline = Date.now() + this.#stopDeadline;
    for (const service of this.#started.reverse()) {
      await within(service.stop(), deadline - Date.now(), service.name).then(
        () => this.#onEvent('service stopped', service.name),
        (error: Error) => errors.push(error),
      );
    }
    if (errors.length > 0)
      throw new AggregateError(errors, `${this.name} did not stop cleanly: ${errors.map(({ message }) => message).join('; ')}`);
  }
}

async function within(stopping: Promise<void>, ms: number, name: string): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${name} did not stop in time`)), Math.max(ms, 0));
  });
  try {
    await Promise.race([stopping, late]);
  } finally {
    clearTimeout(timer);
  }
}
