/** Durations for tests in which Redis works. */
import { type Durations, durations, type Timings } from '@posthouse/contract';

type Mutable<T> = { -readonly [Name in keyof T]: T[Name] };

/** Durations that a test may change, because who uses them reads them each time. */
interface ChangeableDurations extends Durations {
  readonly timings: Mutable<Omit<Timings, 'queue'>> & { readonly queue: Mutable<Timings['queue']> };
}

/**
 * The durations of production, but a request waits much longer for Redis, and a silent connection is not taken for a lost one: on a machine
 * that runs other tests at the same time a reply may take longer than users would wait. A test that waits for the end of such a deadline shortens it for as long as it does.
 */
export function patientDurations(): ChangeableDurations {
  const { timings, retention } = durations;
  const redis = { ...timings.redis, requestSilence: 60_000 };
  return { timings: { ...timings, redis, queue: { ...timings.queue, command: 30_000 } }, retention };
}
