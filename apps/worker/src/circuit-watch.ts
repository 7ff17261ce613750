/**
 * Watches the circuits. When every provider's is open the worker takes no more jobs, because to defer a hundred thousand
 * waiting mails one by one would only churn Redis and lose their order. One worker probes each open circuit; when its
 * login works, the circuit closes and all workers go on.
 */
import type { Service, Waits } from '@posthouse/contract';
import type { ProviderRoad } from '@posthouse/delivery';
import type { MailConsumer, ProviderCircuit } from '@posthouse/queue';
import type { Logger } from '@posthouse/runtime';

/** A provider as the watch sees it. */
export interface Watched {
  road: ProviderRoad;
  circuit: ProviderCircuit;
}

/** Looks every second. */
export class CircuitWatch implements Service {
  readonly name = 'circuit watch';
  readonly #watched: readonly Watched[];
  readonly #consumer: MailConsumer;
  readonly #waits: Waits;
  readonly #log: Logger;
  readonly #open = new Set<string>();
  #paused = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(watched: readonly Watched[], consumer: MailConsumer, waits: Waits, log: Logger) {
    this.#watched = watched;
    this.#consumer = consumer;
    this.#waits = waits;
    this.#log = log;
  }

  async start(): Promise<void> {
    let busy = false;
    const look = () => {
      // While Redis is away a look takes long; looks must not pile up behind it.
      if (busy) return;
      busy = true;
      void this.#look()
        .catch((error: Error) => this.#log.warn({ err: { message: error.message } }, 'the circuits could not be read'))
        .finally(() => {
          busy = false;
        });
    };
    this.#timer = setInterval(look, this.#waits.circuit.poll);
    // A circuit that was opened before this worker came is open for it too.
    look();
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  async #look(): Promise<void> {
    for (const { circuit } of this.#watched) await circuit.refresh();
    for (const watched of this.#watched) {
      this.#tell(watched);
      if (watched.circuit.isOpen) await this.#probe(watched);
    }
    const allOpen = this.#watched.every(({ circuit }) => circuit.isOpen);
    if (allOpen === this.#paused || this.#timer === undefined) return;
    this.#paused = allOpen;
    await (allOpen ? this.#consumer.pause() : this.#consumer.resume());
    this.#log.warn(allOpen ? 'every provider is in trouble: no more mails are taken until one is well' : 'mails are taken again');
  }

  async #probe({ road, circuit }: Watched): Promise<void> {
    const mayTake = this.#waits.smtp.connect * 1.5;
    if (!(await circuit.electProber(mayTake))) return;
    const found = await road.probe();
    if (found === undefined) await circuit.passProbe();
    else await circuit.failProbe(found.reason, found.wait);
    this.#log.info({ provider: road.name, reason: found?.reason }, found === undefined ? 'the probe was well' : 'the probe failed');
  }

  #tell({ road, circuit }: Watched): void {
    const wasOpen = this.#open.has(road.name);
    if (circuit.isOpen === wasOpen) return;
    if (circuit.isOpen) this.#open.add(road.name);
    else this.#open.delete(road.name);
    this.#log.warn(
      { provider: road.name, reason: circuit.reason },
      circuit.isOpen ? `the circuit of ${road.name} is open` : `the circuit of ${road.name} is closed`,
    );
  }
}
