/**
 * Watches the circuits of a worker's providers. When all are open the worker takes no more jobs: deferring a hundred thousand waiting
 * mails one by one would load Redis and lose their order. One worker is elected to probe each open circuit; when its login works, the
 * circuit closes and all workers go on. A circuit that is open for this worker alone it probes without an election.
 */
import type { Service, Timings } from '@posthouse/contract';
import type { ProviderClient } from '@posthouse/delivery';
import type { MailConsumer } from '@posthouse/queue';
import type { Logger } from '@posthouse/runtime';
import type { WorkerCircuit } from './worker-circuit.ts';

/** A provider and its circuit. */
export interface MonitoredProvider {
  client: ProviderClient;
  circuit: WorkerCircuit;
}

/** Reads the circuits at an interval. */
export class CircuitMonitor implements Service {
  readonly name = 'circuit monitor';
  readonly #monitored: readonly MonitoredProvider[];
  readonly #consumer: MailConsumer;
  readonly #timings: Timings['circuit'];
  readonly #log: Logger;
  /** Providers that this worker probes at the moment. */
  readonly #probing = new Set<WorkerCircuit>();
  /** Circuits that were open at the last reading. */
  readonly #open = new Set<string>();
  #paused = false;
  /** When the circuits were last read, by the clock of `performance.now`. */
  ranAt = performance.now();
  #timer: NodeJS.Timeout | undefined;

  constructor(monitored: readonly MonitoredProvider[], consumer: MailConsumer, timings: Timings['circuit'], log: Logger) {
    this.#monitored = monitored;
    this.#consumer = consumer;
    this.#timings = timings;
    this.#log = log;
  }

  async start(): Promise<void> {
    let isReading = false;
    const tick = () => {
      // While Redis is down a reading takes long; readings must not pile up. A circuit may also open while the worker stops.
      if (isReading || this.#timer === undefined) return;
      isReading = true;
      void this.#tick()
        .catch((error: Error) => {
          // A stop ends a reading that waits for Redis.
          if (this.#timer !== undefined) this.#log.warn({ err: { message: error.message } }, 'circuits cannot be read');
        })
        .finally(() => {
          isReading = false;
        });
    };
    this.#timer = setInterval(tick, this.#timings.poll);
    // Until the consumer is paused, every mail that it takes is put back.
    for (const { circuit } of this.#monitored) circuit.onOpen = tick;
    // A circuit that was opened before this worker started is open for it too.
    tick();
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  async #tick(): Promise<void> {
    for (const { circuit } of this.#monitored) await circuit.shared.refresh();
    this.ranAt = performance.now();
    for (const monitored of this.#monitored) {
      const { client, circuit } = monitored;
      const { name } = client.provider;
      this.#logChange(name, 'this worker', circuit.localFailure !== undefined, circuit.localFailure);
      this.#logChange(name, 'all workers', circuit.shared.isOpen, circuit.shared.reason);
      if (circuit.isOpen) await this.#probe(monitored);
    }
    const allOpen = this.#monitored.every(({ circuit }) => circuit.isOpen);
    if (allOpen === this.#paused || this.#timer === undefined) return;
    this.#paused = allOpen;
    await (allOpen ? this.#consumer.pause('circuits') : this.#consumer.resume('circuits'));
    this.#log.warn(allOpen ? 'all circuits open: consumer paused' : 'circuit closed: consumer resumed');
  }

  /** Starts a probe, where this worker is elected, and does not wait for it: a greeting may take minutes, and other circuits go on. */
  async #probe(monitored: MonitoredProvider): Promise<void> {
    const { client, circuit } = monitored;
    // A worker that cannot reach the provider itself leaves the circuit of all to the others.
    const mayProbe = circuit.localFailure === undefined ? await circuit.shared.electProber(this.#timings.probe) : circuit.isProbeDue;
    if (!mayProbe || this.#probing.has(circuit)) return;
    this.#probing.add(circuit);
    void this.#runProbe(monitored)
      .catch((error: Error) =>
        this.#log.warn({ provider: client.provider.name, err: { message: error.message } }, 'the result of a probe cannot be stored'),
      )
      .finally(() => this.#probing.delete(circuit));
  }

  async #runProbe({ client, circuit }: MonitoredProvider): Promise<void> {
    const isLocal = circuit.localFailure !== undefined;
    const failure = await client.probe();
    // Where this worker was elected for the circuit of all, another one is elected when that has expired.
    if (failure?.mayBeLocal) circuit.failLocally(failure.reason, failure.wait);
    // Any other failure concerns all workers: the next mail meets it.
    else if (isLocal) circuit.passLocally();
    else if (failure === undefined) await circuit.shared.passProbe();
    else await circuit.shared.failProbe(failure.reason, failure);
    this.#log.info({ provider: client.provider.name, reason: failure?.reason }, failure === undefined ? 'probe succeeded' : 'probe failed');
  }

  #logChange(provider: string, affects: 'this worker' | 'all workers', isOpen: boolean, reason: string | undefined): void {
    const circuit = `${affects} ${provider}`;
    if (isOpen === this.#open.has(circuit)) return;
    if (isOpen) this.#open.add(circuit);
    else this.#open.delete(circuit);
    this.#log.warn({ provider, affects, reason }, isOpen ? 'circuit opened' : 'circuit closed');
  }
}
