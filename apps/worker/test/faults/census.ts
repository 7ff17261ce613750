/**
 * The oracle of the fault matrix: compares what the API acknowledged with the records in the end and with what the SMTP servers counted.
 *
 * I1: every acknowledged mail reaches a final state. I2: sent, failed, expired, cancelled and uncertain add up to what was acknowledged.
 * `lost` counts what violates them, and mails recorded as sent that never arrived. I3 (duplicates) and I4 (attempts) depend on the
 * fault: the tests check them.
 */
import { appendFileSync } from 'node:fs';
import { isFinal, type MailRecord } from '@posthouse/contract';
import type { SmtpServer } from '@posthouse/devkit';
import { expect } from 'vitest';
import type { FaultFixture } from './fault-fixture.ts';

/** File for the rows of a run at full size; without it every row is small enough for `npm test`. */
const rowsFile = process.env['POSTHOUSE_FAULT_ROWS'];

/** True for a run at full size. */
export const atFullSize = rowsFile !== undefined;

/** The final states of the acknowledged mails. */
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
 * Waits until every acknowledged mail has ended, counts, and writes the row of the fault.
 * @param fault the row's name
 * @param withinMs a mail that has not ended after that many ms counts as lost
 */
export async function census(fixture: FaultFixture, fault: string, withinMs = 120_000): Promise<Census & { records: MailRecord[] }> {
  const deadline = Date.now() + withinMs;
  const records: MailRecord[] = [];
  for (const id of fixture.acknowledged) {
    const record = await ended(fixture, id, deadline);
    if (record !== undefined) records.push(record);
    if (records.length % 500 === 0) showProgress(`${fault}: ${records.length} of ${fixture.acknowledged.length} have ended`);
  }
  const seconds = Math.round((Date.now() - fixture.begunAt) / 100) / 10;
  const counted = { ...countStates(fixture, records), doubled: doubles(fixture.servers), seconds };
  const { mails, lost, doubled, uncertain } = counted;
  if (rowsFile !== undefined) appendFileSync(rowsFile, `${JSON.stringify({ fault, mails, lost, doubled, uncertain, seconds })}\n`);
  expect(counted.lost, `${fault}: lost`).toBe(0);
  expect(acceptedAttempts(records), `${fault}: attempts that a server accepted`).toBeLessThanOrEqual(counted.sent + counted.doubled);
  return { ...counted, records };
}

/** How often each message arrived at each recipient, on all servers. */
function arrivals(servers: readonly SmtpServer[]): Map<string, number> {
  const all = new Map<string, number>();
  for (const server of servers) for (const [arrival, count] of server.arrivals) all.set(arrival, (all.get(arrival) ?? 0) + count);
  return all;
}

/** Prints the progress of a run at full size. */
export function showProgress(line: string): void {
  if (atFullSize) process.stderr.write(`  ${line}\n`);
}

function doubles(servers: readonly SmtpServer[]): number {
  return [...arrivals(servers).values()].reduce((sum, count) => sum + count - 1, 0);
}

/** I4: a reply that was recorded twice would show here. */
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
