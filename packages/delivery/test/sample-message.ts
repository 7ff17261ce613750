import { type Circuit, type DeliveryStep, type Gate, type Timings, timings } from '@posthouse/contract';
import type { CertificateAuthority } from '@posthouse/devkit';
import type { OutgoingMessage } from '../src/outgoing-message.ts';
import type { OnPhase } from '../src/phase-clock.ts';
import { smtpProviders } from '../src/provider.ts';
import { ProviderClient } from '../src/provider-client.ts';
import type { Lookup } from '../src/smtp-connect.ts';
import { SmtpPool } from '../src/smtp-pool.ts';

/**
 * Timings that no test reaches, however busy the machine: every phase may take 15 s. Only a pause is short.
 * @param change what a test waits for, in ms
 */
export function patient(change: Partial<Timings['smtp']> = {}): Timings {
  const all = Object.keys(timings.smtp).map((name) => [name, 15_000] as const);
  const smtp = { ...(Object.fromEntries(all) as unknown as Timings['smtp']), pause: 50, pauseMax: 200, ...change };
  return { ...timings, smtp };
}

/** What a test changes in a client. */
export interface ClientOptions {
  /** Query of the provider's URL. */
  query?: string;
  /** ms until the sending slot, or the error of reserving one. */
  slotInMs?: number | Error;
  timings?: Timings;
  /** Finds the addresses of the provider's host; default: the system's look-up. */
  lookup?: Lookup;
  onPhase?: OnPhase;
}

/** A gate that is open. */
export const open: Gate = async () => ({ kind: 'open' });

/** A circuit that keeps what is reported to it. The real one is in packages/queue and needs a Redis. */
class RecordingCircuit implements Circuit {
  isOpen = false;
  /** When set, every report throws it. */
  error: Error | undefined;
  readonly reports: string[] = [];
  /** The step of each failure. */
  readonly steps: (DeliveryStep | undefined)[] = [];

  async fail(reason: string, { after, wait, mayBeLocal, account, step }: Parameters<Circuit['fail']>[1]): Promise<void> {
    if (this.error !== undefined) throw this.error;
    this.steps.push(step);
    this.reports.push(
      `${reason} after ${after} for ${wait.initial}${mayBeLocal ? ', may be local' : ''}${account === undefined ? '' : `, ${account}`}`,
    );
  }

  async succeed(): Promise<void> {
    if (this.error !== undefined) throw this.error;
    this.reports.push('healthy');
  }
}

/** What a client has reported. */
export interface Reported {
  circuit: RecordingCircuit;
  alerts: string[];
}

/** A client of a devkit server that trusts its certificate authority. */
export function clientFor(
  server: { url: string },
  ca: CertificateAuthority | undefined,
  options: ClientOptions = {},
): ProviderClient & Reported {
  const { query = '', slotInMs = 0, timings: chosen = patient(), lookup, onPhase } = options;
  const [provider] = smtpProviders(`${server.url}${query}`);
  if (provider === undefined) throw new Error('no provider');
  const pool = new SmtpPool(provider, ca === undefined ? {} : { ca: ca.caPem }, chosen.smtp, {
    ...(lookup !== undefined && { lookup }),
    ...(onPhase !== undefined && { onPhase }),
  });
  const circuit = new RecordingCircuit();
  const alerts: string[] = [];
  const rate = query.includes('rate=')
    ? { take: async () => (typeof slotInMs === 'number' ? slotInMs : Promise.reject(slotInMs)) }
    : undefined;
  const client = new ProviderClient(pool, circuit, rate, chosen, (_provider, reason) => alerts.push(reason));
  return Object.assign(client, { circuit, alerts });
}

/** A message with every field. */
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
