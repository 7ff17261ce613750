/**
 * A relay over TLS, new for each test of the file that imports this, and roads to it that are closed after the test.
 */
import { CertificateAuthority, SmtpServer } from '@posthouse/devkit';
import { afterEach, beforeAll, beforeEach } from 'vitest';
import type { ProviderRoad } from '../src/provider-road.ts';
import { roadTo } from './sample-message.ts';

export let ca: CertificateAuthority;
export let server: SmtpServer;

export const anne = 'anne@example.org';

const roads: ProviderRoad[] = [];

/** See `roadTo`. */
export function road(...args: Parameters<typeof roadTo>): ReturnType<typeof roadTo> {
  const made = roadTo(...args);
  roads.push(made);
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
  for (const { pool } of roads.splice(0)) await pool.stop();
  await server.stop();
});
