/**
 * No secret, password, key, token, address or content may be in the logs of a whole run at debug level, nor in Redis: neither in its keys nor in its
 * append-only file, where deleted data stays for a while.
 */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { TokenEndpoint } from '@posthouse/devkit';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { FaultFixture, secrets } from './fault-fixture.ts';
import { usePeopleAndKeys } from './people-and-keys.ts';

const fixture = new FaultFixture();
beforeEach(() => fixture.start());
afterEach(() => fixture.close());

const file = 'planted file content, in base64 or not';

/** By where it was planted. */
const planted: Record<string, string> = {
  ...secrets,
  smtpLogin: base64(`\0posthouse\0${secrets.smtpPassword}`),
  passwordInUrl: encodeURIComponent(secrets.smtpPassword),
  to: 'planted-to@reader.example',
  bcc: 'planted-bcc@reader.example',
  domain: 'reader.example',
  name: 'Planted Name',
  templateData: 'Planted Nickname',
  token: 'planted-token-7f3a',
  subject: 'Planted Subject',
  html: 'planted html',
  header: 'planted-header-value',
  metadata: 'planted-metadata',
  idempotencyKey: 'planted-idempotency-key',
  filename: 'planted-file.txt',
  fileInBase64: base64(file),
  file,
  wrongKey: 'planted-wrong-key',
  clientSecret: 'planted-client-secret',
  refused: 'planted-refused-field',
};

it('no secret, password, key, token, address or content is in a log line or in Redis', async () => {
  const { smtp } = fixture;
  smtp.replyTo('RCPT', { address: 'planted-refused@reader.example', reply: '550 5.1.1 <planted-refused@reader.example> is unknown' });
  smtp.replyTo('RCPT', { address: 'planted-later@reader.example', reply: '451 4.7.1 <planted-later@reader.example> later' });
  smtp.closeAt('DOT', { address: 'planted-unknown@reader.example' });
  smtp.replyTo('MAIL', { reply: `421 4.7.0 planted-to@reader.example is too busy`, times: 1 });
  const endpoint = new TokenEndpoint({ ca: fixture.ca });
  await endpoint.start();
  const oauth = await fixture.startSmtp({ acceptsToken: () => false });
  const wrong = smtp.url.replace(/:[^:@]+@/, ':planted-wrong-key@');
  const worker = await fixture.startProcess({
    SMTP_URL: `${oauth.url}?auth=oauth&name=oauth,${wrong}?name=wrong,${smtp.url}?name=right`,
    SMTP_OAUTH_TOKEN_URL: endpoint.url,
    SMTP_OAUTH_CLIENT_ID: 'app',
    SMTP_OAUTH_CLIENT_SECRET: planted['clientSecret'] as string,
  });

  const template = { template: 'signup', data: { nickname: planted['templateData'], email: planted['to'] } };
  const content = { subject: planted['subject'], html: `<a href="https://example.com/?token=${planted['token']}">${planted['html']}</a>` };
  const mails = [
    { to: { name: planted['name'], address: planted['to'] }, bcc: planted['bcc'], ...template, metadata: { note: planted['metadata'] } },
    { to: planted['to'], content, headers: { 'X-Note': planted['header'] } },
    { to: planted['to'], content, attachments: [{ filename: planted['filename'], content: planted['fileInBase64'] }] },
    { to: 'planted-refused@reader.example', ...template },
    { to: 'planted-later@reader.example', content },
    { to: 'planted-unknown@reader.example', content, onUncertain: 'hold' },
  ];
  const ids = await fixture.post(mails, planted['idempotencyKey']);
  await fixture.post(mails, planted['idempotencyKey']);
  const later = { to: planted['to'], content, scheduledAt: new Date(Date.now() + 3_600_000).toISOString() };
  const [scheduled = ''] = await fixture.post([later, later]);
  expect(await fixture.run(`/v1/mails/${scheduled}/cancel`, undefined)).toMatchObject({ status: 200 });
  await refusals();
  const people = await usePeopleAndKeys(fixture);

  for (const id of ids.slice(0, 3)) await fixture.reaches(id, 'sent');
  for (const id of ids.slice(3, 5)) await fixture.reaches(id, 'failed');
  await fixture.reaches(ids[5] as string, 'uncertain');
  await fixture.kill(worker);
  await fixture.startWorker();
  await fixture.redis.restart();
  await fixture.post([mails[0] as object]);
  await expect.poll(() => smtp.arrivals.size).toBe(7);

  // The relay has refused two: one of them is stored, sealed.
  expect(endpoint.tokens).toHaveLength(2);
  await Promise.all([endpoint.stop(), people.stop()]);
  const tokens = endpoint.tokens.flatMap((token) => [token, base64(`user=posthouse\x01auth=Bearer ${token}\x01\x01`)]);
  const allPlanted = [
    ...Object.entries(planted),
    ...Object.entries(people.planted),
    ...tokens.map((token) => ['access token', token] as const),
  ];

  for (const [where, text] of [
    ['logs', `${fixture.logs}\n${people.logs()}`],
    ['keys', await everyKey()],
    ['append-only file', await appendOnlyFile()],
  ] as const) {
    // The text really is of this run.
    expect(text, where).toContain(ids[0]);
    const found = allPlanted.filter(([, secret]) => text.toLowerCase().includes(secret.toLowerCase()));
    expect(found.map(([name]) => `${name} is in the ${where}`)).toEqual([]);
  }
});

/** Invalid requests are quoted in the response only. */
async function refusals(): Promise<void> {
  const { run } = fixture;
  const refused = { to: `${planted['to']},x`, template: 'signup', data: { [planted['refused'] as string]: planted['token'] } };
  expect(await run.call(fixture, '/v1/mails', refused)).toMatchObject({ status: 400 });
  expect(await run.call(fixture, '/v1/mails', { ...refused, to: planted['to'] })).toMatchObject({ status: 422 });
  expect(await run.call(fixture, `/v1/mails/${planted['to']}/cancel`, undefined)).toMatchObject({ status: 400 });
  const wrongKey = { authorization: `Bearer ${planted['wrongKey']}` };
  expect(await run.call(fixture, `/v1/mails?to=${planted['to']}`, {}, wrongKey)).toMatchObject({ status: 401 });
}

/** Every key with its value, as redis-cli prints them. */
async function everyKey(): Promise<string> {
  const { redis } = fixture;
  const readers: Record<string, string[]> = {
    string: ['GET'],
    hash: ['HGETALL'],
    list: ['LRANGE', '0', '-1'],
    set: ['SMEMBERS'],
    zset: ['ZRANGE', '0', '-1'],
    stream: ['XRANGE', '-', '+'],
  };
  const keys = (await redis.cli('--scan')).split('\n');
  const values = keys.map(async (key) => {
    const type = await redis.cli('TYPE', key);
    // It has expired since.
    if (type === 'none') return key;
    const [command = '', ...rest] = readers[type] ?? [];
    return `${key} ${await redis.cli(command, key, ...rest)}`;
  });
  return (await Promise.all(values)).join('\n');
}

async function appendOnlyFile(): Promise<string> {
  const [, dir = ''] = (await fixture.redis.cli('CONFIG', 'GET', 'dir')).split('\n');
  const folder = join(dir, 'appendonlydir');
  const files = await Promise.all((await readdir(folder)).map((name) => readFile(join(folder, name), 'latin1')));
  return files.join('\n');
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}
