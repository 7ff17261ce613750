/** One look at a relay, step by step, for a person who wants to know what is wrong. It sends no mail. */
import { TLSSocket } from 'node:tls';
import type { Reason, SmtpPhase, Timings } from '@posthouse/contract';
import { ConnectionError, certificateRefused } from './connection-error.ts';
import type { Provider } from './provider.ts';
import type { SmtpCapabilities } from './smtp-capabilities.ts';
import { type Lookup, SmtpConnector, systemLookup, type TlsTrust } from './smtp-connect.ts';
import { openChannel, type ReadyChannel } from './smtp-handshake.ts';
import { parseReply, replyReason } from './smtp-reply.ts';

/** The steps, in their order: look-up of the host, connection, TLS with its certificate, greeting and EHLO, login. */
export const relaySteps = ['dns', 'tcp', 'tls', 'smtp', 'login'] as const;

/** A step of the look at a relay. */
export type RelayStep = (typeof relaySteps)[number];

/** What the look at a relay found. */
export interface RelayInspection {
  addresses: readonly string[];
  /** Absent without TLS, and where it could not be started. */
  tls?: { protocol: string /** ms since the epoch */; validTo: number };
  /** As the server offers it after EHLO, with TLS. */
  capabilities?: SmtpCapabilities;
  /** Where it ended early. The reply of the server may quote the account's address; `replied` has its codes: `535 5.7.139`. */
  failure?: { step: RelayStep; code: Reason; detail: string; reply?: string; replied?: Reason };
}

/**
 * Connects, looks at certificate and capabilities, and connects again to log in with a password, where there is one: a refused login costs
 * one try. An access token is not requested.
 * @param timings of a connection; short ones, because a person waits
 */
export async function inspectRelay(provider: Provider, trust: TlsTrust, timings: Timings['smtp']): Promise<RelayInspection> {
  const { credentials, oauth: _token, ...withoutLogin } = provider;
  const found: RelayInspection = { addresses: [] };
  const noting: Lookup = async (host) => {
    found.addresses = await systemLookup(host);
    return found.addresses;
  };
  const failure = await attempt(withoutLogin, trust, timings, noting, ({ channel, capabilities }) => {
    found.capabilities = capabilities;
    const { socket } = channel;
    if (socket instanceof TLSSocket)
      found.tls = { protocol: socket.getProtocol() ?? '', validTo: Date.parse(socket.getPeerCertificate().valid_to) };
  });
  if (failure !== undefined) return { ...found, failure };
  if (credentials === undefined) return found;
  const refused = await attempt(
    provider,
    trust,
    timings,
    async () => found.addresses,
    () => undefined,
  );
  return { ...found, ...(refused !== undefined && { failure: refused }) };
}

async function attempt(
  provider: Provider,
  trust: TlsTrust,
  timings: Timings['smtp'],
  find: Lookup,
  look: (ready: ReadyChannel) => void,
): Promise<RelayInspection['failure']> {
  let isFound = false;
  const phases: SmtpPhase[] = [];
  const connector = new SmtpConnector(provider, trust, async (host) => {
    const addresses = await find(host);
    isFound = addresses.length > 0;
    return addresses;
  });
  try {
    const ready = await openChannel(connector, timings, (phase, state) => void (state === 'done' && phases.push(phase)));
    look(ready);
    ready.channel.connection.quit();
    return undefined;
  } catch (error) {
    if (!(error instanceof ConnectionError)) throw error;
    const { code, message: detail, reply } = error;
    const step = isFound ? stepOf(error, phases) : 'dns';
    return { step, code, detail, ...(reply !== undefined && { reply, replied: replyReason(parseReply(reply)) }) };
  }
}

/** @param phases that have ended: the last one is that which failed */
function stepOf({ step, code }: ConnectionError, phases: readonly SmtpPhase[]): RelayStep {
  if (step === 'AUTH') return 'login';
  if (certificateRefused.test(code) || /SSL|TLS|^EPROTO$|^wrong-scheme$/.test(code)) return 'tls';
  const phase = phases.at(-1);
  // TLS after STARTTLS belongs to the same phase as TCP.
  if (phase === 'connect') return phases.includes('starttls') ? 'tls' : 'tcp';
  return phase === 'starttls' ? 'tls' : phase === 'auth' ? 'login' : 'smtp';
}
