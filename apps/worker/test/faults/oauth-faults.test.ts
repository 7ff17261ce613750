/** Faults of access tokens: one that ends or is revoked while three workers send, and an endpoint that is down. */
import { type SmtpServer, TokenEndpoint } from '@posthouse/devkit';
import { afterAll, afterEach, beforeEach, expect, it } from 'vitest';
import { atFullSize, census } from './census.ts';
import { FaultFixture, scaled, signUps } from './fault-fixture.ts';

const fixture = new FaultFixture();
const secret = 'planted-client-secret';
const half = atFullSize ? 500 : 60;
const timings = { ...scaled, oauth: { poll: 50, renewBefore: 500 } };
let endpoint: TokenEndpoint;
let relay: SmtpServer;

beforeEach(async () => {
  await fixture.start();
  endpoint = new TokenEndpoint({ ca: fixture.ca, secret });
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

/** Resolves when the token of all workers has ended: in Redis a little before the relay stops to accept it. */
async function endToken(): Promise<void> {
  const key = (await fixture.redis.cli('--scan', '--pattern', '*:token:*')).split('\n').find((name) => /:[0-9a-f]{32}$/.test(name)) ?? '';
  await fixture.redis.cli('PEXPIRE', key, '1000');
  endpoint.endTokens(4000);
  await expect.poll(() => endpoint.accepts(endpoint.tokens[0] ?? '')).toBe(false);
}

/** Logins that the relay refused. */
function refused(): number {
  return relay.openingCommands.filter((command) => command.startsWith('AUTH')).length - relay.loginCount;
}

it('a token ends, and the next one is revoked, while three workers send: each is replaced once, and no attempt is used', async () => {
  await startWorkers(3);
  expect(endpoint.requests).toHaveLength(1);
  await fixture.post(signUps(half));
  await endToken();
  await fixture.post(signUps(half));
  const ended = await census(fixture, 'an access token ends, three workers');
  expect(ended).toMatchObject({ sent: 2 * half, doubled: 0 });
  for (const { attemptCount, deferralCount } of ended.records)
    expect({ attemptCount, deferralCount }).toEqual({ attemptCount: 1, deferralCount: 0 });
  expect(endpoint.requests).toHaveLength(2);
  expect(refused()).toBeLessThanOrEqual(1);

  const arrived = relay.arrivals.size;
  await fixture.post(signUps(half, { onUncertain: 'hold' }));
  await expect.poll(() => relay.arrivals.size).toBeGreaterThan(arrived + 10);
  endpoint.endTokens(0);
  relay.killConnections();
  const revoked = await census(fixture, 'an access token is revoked, three workers');
  expect(revoked).toMatchObject({ failed: 0, doubled: 0 });
  for (const { attemptCount } of revoked.records) expect(attemptCount).toBe(1);
  expect(endpoint.requests).toHaveLength(3);
  // One for each connection that was opened with the old token.
  expect(refused()).toBeLessThanOrEqual(6);
  expect(fixture.logs).not.toContain('circuit opened');
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
