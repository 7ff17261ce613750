/** Faults of access tokens: one that ends or is revoked while three workers send, one that is never accepted, an endpoint that is down. */
import { type SmtpServer, TokenEndpoint } from '@posthouse/devkit';
import { afterAll, afterEach, beforeEach, expect, it } from 'vitest';
import { atFullSize, census } from './census.ts';
import { FaultFixture, scaled, signUps } from './fault-fixture.ts';

const fixture = new FaultFixture();
const secret = 'planted-client-secret';
const half = atFullSize ? 500 : 60;
const timings = {
  ...scaled,
  oauth: { request: 2000, lease: 3000, poll: 50, renewBefore: 1000, margin: 500, minLifetime: 500, replaceInterval: 600_000 },
};
let endpoint: TokenEndpoint;
let relay: SmtpServer;

beforeEach(async () => {
  await fixture.start();
  endpoint = new TokenEndpoint({ ca: fixture.ca, secret, lifetimeS: 4 });
  await endpoint.start();
  relay = await fixture.startSmtp({ acceptsToken: endpoint.accepts });
});
afterEach(async () => {
  await fixture.stop();
  await endpoint.stop();
});
afterAll(() => fixture.close());

/** Workers whose connections take few mails, so that there are many logins. */
async function startWorkers(count: number): Promise<void> {
  const env = {
    SMTP_URL: `${relay.url}?auth=oauth&name=m365&pool=2&messages=5`,
    SMTP_OAUTH_TOKEN_URL: endpoint.url,
    SMTP_OAUTH_CLIENT_ID: 'app',
    SMTP_OAUTH_CLIENT_SECRET: secret,
  };
  await Promise.all(Array.from({ length: count }, () => fixture.startWorker(env, timings)));
}

/** Logins that the relay refused. */
function refused(): number {
  return relay.openingCommands.filter((command) => command.startsWith('AUTH')).length - relay.loginCount;
}

it('a token ends while three workers send: one renewal, no refused login, no attempt used', { timeout: 120_000 }, async () => {
  await startWorkers(3);
  expect(endpoint.requests).toHaveLength(1);
  endpoint.lifetimeS = 3600;
  await fixture.post(signUps(half));
  await expect.poll(() => endpoint.accepts(endpoint.tokens[0] ?? ''), { timeout: 20_000 }).toBe(false);
  await fixture.post(signUps(half));
  const { sent, doubled, records } = await census(fixture, 'an access token ends, three workers');
  expect({ sent, doubled }).toEqual({ sent: 2 * half, doubled: 0 });
  for (const { attemptCount, deferralCount } of records)
    expect({ attemptCount, deferralCount }).toEqual({ attemptCount: 1, deferralCount: 0 });
  expect(endpoint.requests).toHaveLength(2);
  expect(refused()).toBeLessThanOrEqual(1);
});

it('a token is revoked while three workers send: it is replaced once', { timeout: 120_000 }, async () => {
  endpoint.lifetimeS = 3600;
  await startWorkers(3);
  await fixture.post(signUps(half, { onUncertain: 'hold' }));
  await expect.poll(() => relay.arrivals.size).toBeGreaterThan(10);
  endpoint.revokeAll();
  relay.killConnections();
  await fixture.post(signUps(half));
  const { failed, doubled, records } = await census(fixture, 'an access token is revoked, three workers');
  expect({ failed, doubled }).toEqual({ failed: 0, doubled: 0 });
  for (const { attemptCount } of records) expect(attemptCount).toBe(1);
  expect(endpoint.requests).toHaveLength(2);
  // One for each connection that was opened with the old token.
  expect(refused()).toBeLessThanOrEqual(6);
  expect(fixture.logs).not.toContain('circuit opened');
});

it('a token that the relay never accepts is replaced once, then there are only probes', async () => {
  relay = await fixture.startSmtp({ acceptsToken: () => false });
  await startWorkers(1);
  const probes = () => fixture.logs.match(/probe failed/g)?.length ?? 0;
  await expect.poll(probes).toBeGreaterThan(1);
  expect(endpoint.requests).toHaveLength(2);
  // The first login and its repetition, then one for each probe: the last may not be logged yet.
  expect(refused()).toBeLessThanOrEqual(2 + probes() + 1);
  expect(fixture.logs).toContain('the server says: invalid_token');
});

it('an endpoint that is down or refuses the client: mails wait without an attempt, and are sent once it works', async () => {
  endpoint.secret = 'another';
  endpoint.answerWith({ status: 503, body: 'out of order', times: 1 });
  await startWorkers(1);
  expect(fixture.logs).toMatch(/token-unreachable.*provider check failed/);
  await fixture.post(signUps(3));
  await expect.poll(() => fixture.logs).toMatch(/token-secret-wrong.*probe failed/);
  endpoint.secret = secret;
  const { sent, records } = await census(fixture, 'the token endpoint is down');
  expect(sent).toBe(3);
  for (const { attemptCount } of records) expect(attemptCount).toBe(1);
  expect(fixture.logs).not.toMatch(new RegExp([secret, ...endpoint.tokens].join('|')));
});
