/**
 * A provider's circuit in Redis. Failures that any worker meets open it for all. While it is open only one elected worker
 * probes the provider, after a wait that doubles. `refresh` reads what other workers have stored.
 */
import type { Backoff, FailureDetails } from '@posthouse/contract';
import type { WorkerConnection } from '../connection/worker-connection.ts';
import { circuitKey, proberKey } from '../redis/keys.ts';
import { runScript } from '../redis/script.ts';
import { closeCircuit, electProber, failCircuit, resetCircuit } from './worker-scripts.ts';

/** How one worker sees and changes the circuit of one provider. */
export class ProviderCircuit {
  readonly #redis: WorkerConnection['redis'];
  readonly #expiry: number;
  readonly #keys: { circuit: string; prober: string };
  readonly #worker: string;
  #failures = 0;
  #probeAt: number | undefined;
  #reason: string | undefined;

  /** @param provider name and account: a worker with a wrong password must not open the circuit of the others */
  constructor({ redis, digest, timings, workerId }: WorkerConnection, provider: { name: string; account: string }) {
    this.#redis = redis;
    this.#worker = workerId;
    this.#expiry = timings.circuit.expiry;
    const account = digest(provider.account);
    this.#keys = { circuit: circuitKey(provider.name, account), prober: proberKey(provider.name, account) };
  }

  get isOpen(): boolean {
    return this.#probeAt !== undefined;
  }

  /** The latest failure, as a code. */
  get reason(): string | undefined {
    return this.#reason;
  }

  /** See `Circuit.fail`. */
  async fail(reason: string, failure: FailureDetails & { after: number; wait: Backoff }): Promise<void> {
    await this.#fail(reason, failure, false);
  }

  /** See `Circuit.succeed`. */
  async succeed(): Promise<void> {
    if (this.#failures === 0) return;
    if ((await runScript(this.#redis, resetCircuit, { circuit: this.#keys.circuit }, {})) === 1) this.#failures = 0;
  }

  /**
   * A probe that this worker was elected for has succeeded: mail may be tried. The wait is kept until a mail has been accepted,
   * so that a failure that a login does not show, such as a quota, opens the circuit again at once, and for longer.
   */
  async passProbe(): Promise<void> {
    if ((await runScript(this.#redis, closeCircuit, this.#keys, { worker: this.#worker })) === 1) this.#probeAt = undefined;
  }

  /** A probe that this worker was elected for has failed. */
  async failProbe(reason: string, failure: FailureDetails & { wait: Backoff }): Promise<void> {
    await this.#fail(reason, { after: 1, ...failure }, true);
  }

  /** Reads what other workers have stored. */
  async refresh(): Promise<void> {
    const [failures, probeAt, reason] = await this.#redis.hmget(this.#keys.circuit, 'failures', 'probeAt', 'reason');
    this.#reason = reason ?? undefined;
    this.#failures = Number(failures ?? 0);
    this.#probeAt = probeAt == null ? undefined : Number(probeAt);
  }

  /**
   * True for the one worker that is to probe now. It asks again while its probe runs, and stays elected.
   * @param ms until another worker may be elected
   */
  async electProber(ms: number): Promise<boolean> {
    if (this.#probeAt === undefined) return false;
    return (await runScript(this.#redis, electProber, this.#keys, { worker: this.#worker, probeTimeout: ms })) === 1;
  }

  async #fail(
    reason: string,
    { after, wait, account, step }: FailureDetails & { after: number; wait: Backoff },
    isProbe: boolean,
  ): Promise<void> {
    const { initial: firstWait, max: maxWait } = wait;
    const details = { reason, account: account ?? '', step: step ?? '' };
    const args = { worker: this.#worker, ...details, openAfter: after, firstWait, maxWait, isProbe, keep: this.#expiry };
    const [failures, probeAt] = await runScript(this.#redis, failCircuit, this.#keys, args);
    this.#failures = Number(failures);
    this.#reason = reason;
    this.#probeAt = probeAt === '' ? undefined : Number(probeAt);
  }
}
