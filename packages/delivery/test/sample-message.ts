import { type Circuit, type Gate, type Timings, timings } from '@posthouse/contract';
import type { CertificateAuthority } from '@posthouse/devkit';
import type { OutgoingMessage } from '../src/outgoing-message.ts';
import { smtpProviders } from '../src/provider.ts';
import { ProviderClient } from '../src/provider-client.ts';
import { SmtpPool } from '../src/smtp-pool.ts';

/** Timings short enough for a test to see them pass. */
export const quick: Timings = { ...timings, smtp: { connect: 1000, socket: 2000, transaction: 1500, idle: 200 } };

/** Timings that pass in no test, however busy the machine. */
const patient: Timings = { ...timings, smtp: { connect: 15_000, socket: 15_000, transaction: 15_000, idle: 15_000 } };

/** How a road to a test's server differs from the usual one. */
export interface RoadOptions {
  /** Of the provider's URL. */
  query?: string;
  /** ms that the provider's line says to wait; or why it says nothing. */
  place?: number | Error;
  timings?: Timings;
}

/** A gate that is open. */
export const open: Gate = async () => ({ kind: 'open' });

/** A circuit that remembers what it was told. The real one is the queue room's, and needs a Redis. */
class NotedCircuit implements Circuit {
  isOpen = false;
  /** Why it cannot be told anything, if it cannot. */
  fault: Error | undefined;
  readonly told: string[] = [];

  async fail(reason: string, { after, wait }: { after: number; wait: { initial: number } }): Promise<void> {
    if (this.fault !== undefined) throw this.fault;
    this.told.push(`${reason} after ${after} for ${wait.initial}`);
  }

  async succeed(): Promise<void> {
    if (this.fault !== undefined) throw this.fault;
    this.told.push('well');
  }
}

/** What a road has reported, for a test to read. */
export interface Reported {
  circuit: NotedCircuit;
  alerts: string[];
}

/** A road to a devkit server, trusting its authority. */
export function roadTo(
  server: { url: string },
  ca: CertificateAuthority | undefined,
  options: RoadOptions = {},
): ProviderClient & Reported {
  const { query = '', place = 0, timings: chosen = patient } = options;
  const [provider] = smtpProviders(`${server.url}${query}`);
  if (provider === undefined) throw new Error('no provider');
  const pool = new SmtpPool(provider, ca === undefined ? {} : { ca: ca.caPem }, chosen.smtp);
  const circuit = new NotedCircuit();
  const alerts: string[] = [];
  const rate = query.includes('rate=') ? { take: async () => (typeof place === 'number' ? place : Promise.reject(place)) } : undefined;
  const client = new ProviderClient(pool, circuit, rate, chosen, (_provider, reason) => alerts.push(reason));
  return Object.assign(client, { circuit, alerts });
}

/** A message with every field; what a test does not care about is filled in. */
export function sampleMessage(change: Partial<OutgoingMessage> = {}): OutgoingMessage {
  return {
    messageId: '<0190a0b0-0000-7000-8000-000000000001@example.com>',
    date: new Date('2026-11-22T10:00:00Z'),
    from: { name: '오늘은 너네집', address: 'hello@example.com' },
    to: [{ name: 'Anne', address: 'anne@example.org' }],
    cc: [],
    replyTo: [],
    subject: '가입해주셔서 감사합니다!',
    html: '<p>안녕, Anne</p>',
    text: '안녕, Anne',
    attachments: [],
    headers: {},
    ...change,
  };
}
