/** A relay over TLS, new for each test of the file that imports this, and clients of it that are closed after the test. */
import { CertificateAuthority, SmtpServer } from '@posthouse/devkit';
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

beforeAll(async () => {
  ca = await CertificateAuthority.create();
});
beforeEach(async () => {
  server = new SmtpServer({ ca, mode: 'implicit-tls' });
  await server.start();
});
afterEach(async () => {
  for (const { pool } of clients.splice(0)) await pool.stop();
  await server.stop();
});
