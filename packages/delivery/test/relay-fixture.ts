/**
 * A relay over TLS, new for each test of the file that imports this, and roads to it that are closed after the test.
 */
import { CertificateAuthority, SmtpServer } from '@posthouse/devkit';
import { afterEach, beforeAll, beforeEach } from 'vitest';
import type { ProviderClient } from '../src/provider-client.ts';
import { roadTo } from './sample-message.ts';

export let ca: CertificateAuthority;
export let server: SmtpServer;

export const anne = 'anne@example.org';

const clients: ProviderClient[] = [];

/** See `roadTo`. */
export function client(...args: Parameters<typeof roadTo>): ReturnType<typeof roadTo> {
  const made = roadTo(...args);
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
