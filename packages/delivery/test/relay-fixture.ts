/** A relay over TLS, new for each test, and clients of it that are closed after the test. */
import { CertificateAuthority, type RelayProfile, SmtpServer, type SmtpServerOptions } from '@posthouse/devkit';
import { afterEach, beforeAll, beforeEach } from 'vitest';
import type { ProviderClient } from '../src/provider-client.ts';
import { clientFor } from './sample-message.ts';

export let ca: CertificateAuthority;
export let server: SmtpServer;

export const anne = 'anne@example.org';

const clients: ProviderClient[] = [];

/** See {@link clientFor}. */
export function client(...args: Parameters<typeof clientFor>): ReturnType<typeof clientFor> {
  const made = clientFor(...args);
  clients.push(made);
  return made;
}

const others: SmtpServer[] = [];

/** Another relay, stopped after the test. */
export async function relay(options: Partial<SmtpServerOptions> = {}): Promise<SmtpServer> {
  const made = new SmtpServer({ ca, mode: 'implicit-tls', ...options });
  others.push(made);
  await made.start();
  return made;
}

/** A relay that offers these lines in its reply to EHLO. */
export async function relayOffering(ehlo: readonly string[], mode: RelayProfile['mode'] = 'implicit-tls'): Promise<SmtpServer> {
  return await relay({ mode, profile: { title: 'test', mode, ehlo, limits: {}, refusals: {} } });
}

/** Called once in a test file: the relay is new for each of its tests. Files share this module, so importing it must not do that. */
export function useRelay(): void {
  beforeAll(async () => {
    ca = await CertificateAuthority.create();
  });
  beforeEach(async () => {
    server = new SmtpServer({ ca, mode: 'implicit-tls' });
    await server.start();
  });
  afterEach(async () => {
    for (const { pool } of clients.splice(0)) await pool.stop();
    await Promise.all([server, ...others.splice(0)].map((each) => each.stop()));
  });
}
