/**
 * Watches the circuits. When every provider's is open the worker takes no more jobs, because to defer a hundred thousand
 * waiting mails one by one would only churn Redis and lose their order. One worker probes each open circuit; when its
 * login works, the circuit closes and all workers go on.
 */
import type { Service, Timings } from '@posthouse/contract';
import type { ProviderClient } from '@posthouse/delivery';
import type { MailConsumer, ProviderCircuit } from '@posthouse/queue';
import type { Logger } from '@posthouse/runtime';

/** A provider as the watch sees it. */
export interface MonitoredProvider {
  client: ProviderClient;
  circuit: ProviderCircuit;
}

/** Looks every second. */
export class CircuitMonitor implements Service {
  readonly name = 'circuit watch';
  readonly #monitored: readonly MonitoredProvider[];
  readonly #consumer: MailConsumer;
  readonly #timings: Timings;
  readonly #log: Logger;
  readonly #open = new Set<string>();
  #paused = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(monitored: readonly MonitoredProvider[], consumer: MailConsumer, timings: Timings, log: Logger) {
    this.#monitored = monitored;
    this.#consumer = consumer;
    this.#timings = timings;
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
    this.#timer = setInterval(look, this.#timings.circuit.poll);
    // A circuit that was opened before this worker came is open for it too.
    look();
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  async #look(): Promise<void> {
    for (const { circuit } of this.#monitored) await circuit.refresh();
    for (const monitored of this.#monitored) {
      this.#tell(monitored);
      if (monitored.circuit.isOpen) await this.#probe(monitored);
    }
    const allOpen = this.#monitored.every(({ circuit }) => circuit.isOpen);
    if (allOpen === this.#paused || this.#timer === undefined) return;
    this.#paused = allOpen;
    await (allOpen ? this.#consumer.pause() : this.#consumer.resume());
    this.#log.warn(allOpen ? 'every provider is in trouble: no more mails are taken until one is well' : 'mails are taken again');
  }

  async #probe({ client, circuit }: MonitoredProvider): Promise<void> {
    const mayTake = this.#timings.smtp.connect * 1.5;
    if (!(await circuit.electProber(mayTake))) return;
    const found = await client.probe();
    if (found === undefined) await circuit.passProbe();
    else await circuit.failProbe(found.reason, found.wait);
    this.#log.info({ provider: client.name, reason: found?.reason }, found === undefined ? 'the probe was well' : 'the probe failed');
  }

  #tell({ client, circuit }: MonitoredProvider): void {
    const wasOpen = this.#open.has(client.name);
    if (circuit.isOpen === wasOpen) return;
    if (circuit.isOpen) this.#open.add(client.name);
    else this.#open.delete(client.name);
    this.#log.warn(
      { provider: client.name, reason: circuit.reason },
      circuit.isOpen ? `the circuit of ${client.name} is open` : `the circuit of ${client.name} is closed`,
    );
  }
}
