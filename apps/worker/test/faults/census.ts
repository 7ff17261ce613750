/**
 * The oracle of the fault matrix: what the API acknowledged, held against what the records say in the end and against what
 * the SMTP servers have counted.
 *
 * I1 every mail that was acknowledged ends in a final state; I2 each in one of sent, failed, expired, cancelled and
 * uncertain, with nothing left over. `lost` counts what breaks them, and what is said to be sent and never arrived.
 * I3 and I4, doubles and attempts, depend on the fault: the tests ask for them.
 */
import { appendFileSync } from 'node:fs';
import { isFinal, type MailRecord } from '@posthouse/contract';
import type { SmtpServer } from '@posthouse/devkit';
import { expect } from 'vitest';
import type { FaultFixture } from './fault-fixture.ts';

/** Where the rows of a run at full size are written; without it everything is small enough for `npm test`. */
const rowsFile = process.env['POSTHOUSE_FAULT_ROWS'];

/** True for a run at full size. */
export const atFullSize = rowsFile !== undefined;

/** What became of the mails that were acknowledged. */
interface Census {
  mails: number;
  sent: number;
  failed: number;
  expired: number;
  cancelled: number;
  uncertain: number;
  lost: number;
  /** Arrivals of the same message at the same recipient, beyond the first. */
  doubled: number;
  /** From the first request to the last final state. */
  seconds: number;
}

/**
 * Timings until every acknowledged mail has ended, counts, and writes the row of the fault.
 * @param fault the row's name
 * @param withinMs until when a mail that has not ended counts as lost
 */
export async function census(fixture: FaultFixture, fault: string, withinMs = 45_000): Promise<Census & { records: MailRecord[] }> {
  const deadline = Date.now() + withinMs;
  const records: MailRecord[] = [];
  for (const id of fixture.acknowledged) {
    const record = await ended(fixture, id, deadline);
    if (record !== undefined) records.push(record);
    if (records.length % 500 === 0) tell(`${fault}: ${records.length} of ${fixture.acknowledged.length} have ended`);
  }
  const seconds = Math.round((Date.now() - fixture.begunAt) / 100) / 10;
  const counted = { ...countStates(fixture, records), doubled: doubles(fixture.servers), seconds };
  const { mails, lost, doubled, uncertain } = counted;
  if (rowsFile !== undefined) appendFileSync(rowsFile, `${JSON.stringify({ fault, mails, lost, doubled, uncertain, seconds })}\n`);
  expect(counted.lost, `${fault}: lost`).toBe(0);
  expect(acceptedAttempts(records), `${fault}: attempts that a server accepted`).toBeLessThanOrEqual(counted.sent + counted.doubled);
  return { ...counted, records };
}

/** How often each message arrived at each recipient, on whichever server. */
function arrivals(servers: readonly SmtpServer[]): Map<string, number> {
  const all = new Map<string, number>();
  for (const server of servers) for (const [arrival, count] of server.arrivals) all.set(arrival, (all.get(arrival) ?? 0) + count);
  return all;
}

/** Shows that a long run is alive. */
export function tell(line: string): void {
  if (atFullSize) process.stderr.write(`  ${line}\n`);
}

function doubles(servers: readonly SmtpServer[]): number {
  return [...arrivals(servers).values()].reduce((sum, count) => sum + count - 1, 0);
}

/** I4: a reply that was written down twice would show here. Mails here have one recipient, or are refused for some. */
function acceptedAttempts(records: readonly MailRecord[]): number {
  return records.flatMap(({ attempts }) => attempts).filter(({ verdict }) => verdict === 'ACCEPT').length;
}

function countStates({ acknowledged, servers }: FaultFixture, records: readonly MailRecord[]): Omit<Census, 'doubled' | 'seconds'> {
  const arrived = arrivals(servers);
  const count = (state: MailRecord['state']) => records.filter((record) => record.state === state).length;
  const ends = {
    sent: count('sent'),
    failed: count('failed'),
    expired: count('expired'),
    cancelled: count('cancelled'),
    uncertain: count('uncertain'),
  };
  const left = acknowledged.length - Object.values(ends).reduce((sum, each) => sum + each, 0);
  const neverArrived = records.flatMap(({ messageId, recipients }) =>
    recipients.filter(({ state, address }) => state === 'accepted' && !arrived.has(`${messageId} ${address}`)),
  );
  return { mails: acknowledged.length, ...ends, lost: left + neverArrived.length };
}

async function ended(fixture: FaultFixture, id: string, deadline: number): Promise<MailRecord | undefined> {
  for (;;) {
    const record = await fixture.record(id);
    if (record !== undefined && isFinal(record.state)) return record;
    if (Date.now() > deadline) return record;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
