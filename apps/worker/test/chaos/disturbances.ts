/** Random disturbances of a running Posthouse: what is disturbed, how, for how long and when, all drawn from one seed. */
import { setTimeout } from 'node:timers/promises';
import type { AppProcess } from '@posthouse/devkit';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { type FaultFixture, shortLeases } from '../faults/fault-fixture.ts';

/** Draws an integer; both ends are included. */
export type Draw = (min: number, max: number) => number;

/** The same seed draws the same numbers. */
export function drawsFrom(seed: number): Draw {
  const generator = xoroshiro128plus(seed);
  return (min, max) => uniformInt(generator, min, max);
}

/** What is disturbed, one thing at a time. */
type Target = `worker ${number}` | 'api' | 'redis' | 'smtp';

interface Disturbance {
  target: Target;
  name: string;
  /** Resolves when the target works again. */
  run: () => Promise<void>;
}

const workerCount = 3;

/** A disturbance may leave a connection on which nothing comes any more: its deadline ends that. */
const deadline = 5000;
const phases = ['connect', 'greeting', 'ehlo', 'auth', 'mail', 'rcpt', 'data', 'block', 'dot', 'rset', 'quit'] as const;
const timings = { ...shortLeases, smtp: { ...shortLeases.smtp, ...Object.fromEntries(phases.map((phase) => [phase, deadline])) } };

/** Longer than a worker's lease on a job, and than its heartbeat. */
const longestFreeze = shortLeases.heartbeat.gone + 1000;

/** Disturbs the workers, the API, Redis and the SMTP server of a fixture. */
export class Disturber {
  /** How often each kind was done. */
  readonly counts = new Map<string, number>();
  readonly #fixture: FaultFixture;
  readonly #draw: Draw;
  readonly #workers: AppProcess[] = [];
  /** Targets that are disturbed at the moment. */
  readonly #recoveries = new Map<Target, Promise<void>>();

  constructor(fixture: FaultFixture, draw: Draw) {
    this.#fixture = fixture;
    this.#draw = draw;
  }

  async start(): Promise<void> {
    for (let index = 0; index < workerCount; index++) this.#workers.push(await this.#startWorker());
  }

  /** How many disturbances there were. */
  get total(): number {
    return [...this.counts.values()].reduce((sum, count) => sum + count, 0);
  }

  /** Starts disturbances, several at a time but one for each target, until the time has passed; then all targets work again. */
  async disturbFor(durationMs: number): Promise<void> {
    const end = Date.now() + durationMs;
    const failures: unknown[] = [];
    while (Date.now() < end && failures.length === 0) {
      const { target, name, run } = this.#next();
      const before = this.#recoveries.get(target) ?? Promise.resolve();
      await before;
      this.counts.set(name, (this.counts.get(name) ?? 0) + 1);
      this.#recoveries.set(
        target,
        run().catch((error: unknown) => {
          failures.push(error);
        }),
      );
      await setTimeout(this.#draw(100, 1500));
    }
    await Promise.all(this.#recoveries.values());
    if (failures.length > 0) throw new AggregateError(failures, 'A disturbed part did not start again');
  }

  /** All draws are made here, in order: when a target recovers must not change what comes next. */
  #next(): Disturbance {
    const index = this.#draw(0, workerCount - 1);
    const frozenMs = this.#draw(100, longestFreeze);
    const downMs = this.#draw(0, 2000);
    const worker = `worker ${index}` as const;
    const { smtp } = this.#fixture;
    const kinds: Disturbance[] = [
      { target: worker, name: 'worker killed', run: () => this.#replaceWorker(index, 'SIGKILL') },
      { target: worker, name: 'worker killed', run: () => this.#replaceWorker(index, 'SIGKILL') },
      { target: worker, name: 'worker stopped', run: () => this.#replaceWorker(index, 'SIGTERM') },
      { target: worker, name: 'worker frozen', run: () => this.#freeze(index, frozenMs) },
      { target: worker, name: 'worker frozen', run: () => this.#freeze(index, frozenMs) },
      { target: 'api', name: 'API killed', run: () => this.#replaceApi() },
      { target: 'redis', name: 'Redis killed', run: () => this.#crashRedis(downMs) },
      { target: 'redis', name: 'Redis frozen', run: () => this.#freezeRedis(Math.min(frozenMs, 2 * downMs)) },
      { target: 'smtp', name: 'SMTP connections closed', run: async () => smtp.killConnections() },
      { target: 'smtp', name: 'SMTP server restarted', run: () => this.#restartSmtp(downMs) },
      { target: 'smtp', name: 'reply to the message withheld', run: async () => smtp.hangAt('DOT', { times: 1 }) },
      { target: 'smtp', name: 'connection closed after the message', run: async () => smtp.closeAt('DOT', { times: 1 }) },
    ];
    const chosen = kinds[this.#draw(0, kinds.length - 1)] as Disturbance;
    return chosen;
  }

  async #startWorker(): Promise<AppProcess> {
    const { smtp } = this.#fixture;
    return await this.#fixture.startProcess({ SMTP_URL: `${smtp.url}?pool=3`, WORKER_CONCURRENCY: '6' }, timings);
  }

  async #replaceWorker(index: number, signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    const worker = this.#workers[index] as AppProcess;
    worker.kill(signal);
    await worker.exit;
    this.#workers[index] = await this.#startWorker();
  }

  async #freeze(index: number, ms: number): Promise<void> {
    const worker = this.#workers[index] as AppProcess;
    worker.kill('SIGSTOP');
    await setTimeout(ms);
    worker.kill('SIGCONT');
  }

  async #replaceApi(): Promise<void> {
    await this.#fixture.kill(this.#fixture.api);
    await this.#fixture.startApi();
  }

  async #crashRedis(downMs: number): Promise<void> {
    await this.#fixture.redis.kill('SIGKILL');
    await setTimeout(downMs);
    await this.#fixture.redis.start();
  }

  async #freezeRedis(ms: number): Promise<void> {
    await this.#fixture.redis.kill('SIGSTOP');
    await setTimeout(ms);
    await this.#fixture.redis.kill('SIGCONT');
  }

  async #restartSmtp(downMs: number): Promise<void> {
    await this.#fixture.smtp.stop();
    await setTimeout(downMs);
    await this.#fixture.smtp.start();
  }
}
