/** Debian's Exim and Postfix as relays, with their own limits: only `npm run test:faults` has them. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DebianRelay, type DebianRelayOptions, type SmtpServer } from '@posthouse/devkit';
import { afterAll, afterEach, beforeEach, expect, it } from 'vitest';
import { census } from './census.ts';
import { FaultFixture, signUps } from './fault-fixture.ts';

const programs = join(fileURLToPath(new URL('../../../..', import.meta.url)), 'node_modules/.posthouse-mail-servers');
const fixture = new FaultFixture();
let relay: DebianRelay | undefined;
beforeEach(() => fixture.start());
afterEach(async () => {
  // The workers first: a relay ends with its connections.
  await fixture.stop();
  await relay?.stop();
});
afterAll(() => fixture.close());

const mails = 200;

/** Postfix counts what a client does in a time unit; the default is a minute. */
const unit = { anvil_rate_time_unit: '5s' };

it.each<{ fault: string; workers?: number } & Pick<DebianRelayOptions, 'software' | 'limits'>>([
  { fault: 'Exim, default limits', software: 'exim', limits: {} },
  { fault: 'Exim, smtp_accept_max_per_connection = 10', software: 'exim', limits: { smtp_accept_max_per_connection: 10 } },
  { fault: 'Exim, smtp_accept_max = 3, two workers', software: 'exim', limits: { smtp_accept_max: 3 }, workers: 2 },
  { fault: 'Postfix, default limits', software: 'postfix', limits: {} },
  {
    fault: 'Postfix, smtpd_client_connection_count_limit = 3, two workers',
    software: 'postfix',
    limits: { smtpd_client_connection_count_limit: 3 },
    workers: 2,
  },
  {
    fault: 'Postfix, smtpd_client_connection_rate_limit = 3 in 5 s',
    software: 'postfix',
    limits: { ...unit, smtpd_client_connection_rate_limit: 3 },
  },
  {
    fault: 'Postfix, smtpd_client_message_rate_limit = 50 in 5 s',
    software: 'postfix',
    limits: { ...unit, smtpd_client_message_rate_limit: 50 },
  },
  {
    fault: 'Postfix, smtpd_client_new_tls_session_rate_limit = 3 in 5 s',
    software: 'postfix',
    limits: { ...unit, smtpd_client_new_tls_session_rate_limit: 3 },
  },
])('$fault: all mails are sent once, with one attempt each', { timeout: 180_000 }, async ({ fault, software, limits, workers = 1 }) => {
  // What the relay accepts goes to this server, which counts it.
  const destination: SmtpServer = await fixture.startSmtp({ mode: 'starttls', login: false });
  relay = new DebianRelay({ software, programs, ca: fixture.ca, forwardTo: destination.port, limits });
  await relay.start();
  const { url } = relay;
  await Promise.all(Array.from({ length: workers }, () => fixture.startWorker({ SMTP_URL: url }, {})));
  await fixture.post(signUps(mails));
  await expect.poll(() => destination.arrivals.size, { timeout: 120_000 }).toBe(mails);
  const { sent, failed, doubled, records } = await census(fixture, fault);
  expect({ sent, failed, doubled }).toEqual({ sent: mails, failed: 0, doubled: 0 });
  expect(new Set(records.map(({ attemptCount }) => attemptCount))).toEqual(new Set([1]));
});
