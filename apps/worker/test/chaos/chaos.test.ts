/**
 * `npm run test:chaos`: kills, freezes and outages at random while mails are requested and sent. In the end every acknowledged mail has
 * ended, and the SMTP server, which knows nothing of Posthouse, has counted each message at most once.
 */
import { setTimeout } from 'node:timers/promises';
import { isFinal } from '@posthouse/contract';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { census } from '../faults/census.ts';
import { FaultFixture, signUp } from '../faults/fault-fixture.ts';
import { Disturber, drawsFrom } from './disturbances.ts';

/** `npm test` runs a small one with a fixed seed. */
const { seed, seconds, mails }: { seed: number; seconds: number; mails: number } = JSON.parse(
  process.env['POSTHOUSE_CHAOS'] ?? '{"seed":1,"seconds":8,"mails":150}',
);
const isShown = process.env['POSTHOUSE_CHAOS'] !== undefined;
const drainMs = 120_000;

const fixture = new FaultFixture();
beforeAll(() => fixture.start());
afterAll(() => fixture.close());

it(`loses, keeps and doubles nothing (seed ${seed})`, { timeout: seconds * 1000 + drainMs + 60_000 }, async () => {
  const disturber = new Disturber(fixture, drawsFrom(seed));
  // Slow enough that mails are on their way at every moment.
  fixture.smtp.delayAt('RCPT', { delayMs: 100 });
  fixture.smtp.delayAt('DOT', { delayMs: 200 });
  await disturber.start();
  const progress = setInterval(
    () =>
      show(`${fixture.acknowledged.length} of ${mails} accepted, ${fixture.smtp.arrivals.size} arrived, ${disturber.total} disturbances`),
    10_000,
  );
  // The requests end before the disturbances do.
  await Promise.all([request(seconds * 900), disturber.disturbFor(seconds * 1000)]);
  fixture.smtp.clearFaults();
  for (const [name, count] of [...disturber.counts].sort()) show(`${String(count).padStart(5)} × ${name}`);
  const { sent, failed, uncertain, lost, doubled, records } = await census(fixture, `chaos, seed ${seed}`, drainMs);
  clearInterval(progress);
  const stuck = records.filter(({ state }) => !isFinal(state)).length;
  show(
    `seed ${seed}: ${disturber.total} disturbances, ${mails} mails: ${lost} lost, ${stuck} stuck, ${doubled} doubled; ${sent} sent, ${uncertain} held as uncertain, ${failed} failed`,
  );
  expect({ lost, stuck, doubled, accounted: sent + uncertain + failed }).toEqual({ lost: 0, stuck: 0, doubled: 0, accounted: mails });
});

/** Requests the mails in batches of different sizes, evenly over the time. A mail whose outcome is unknown is held, never sent again. */
async function request(durationMs: number): Promise<void> {
  const draw = drawsFrom(seed + 1);
  const begunAt = Date.now();
  for (let next = 0; next < mails; ) {
    const size = Math.min(draw(1, 40), mails - next);
    await fixture.post(Array.from({ length: size }, (_, nth) => signUp(next + nth, { onUncertain: 'hold' })));
    next += size;
    await setTimeout(Math.max(0, begunAt + (durationMs * next) / mails - Date.now()));
  }
}

function show(line: string): void {
  if (isShown) process.stderr.write(`  ${line}\n`);
}
