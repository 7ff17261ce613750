import { Resolver } from 'node:dns/promises';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';
import { retention, timings } from '@posthouse/contract';
import { CertificateAuthority, DnsServer, freePort, RedisProcess, SmtpServer } from '@posthouse/devkit';
import { sealKeys } from '@posthouse/queue';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import type { Check } from '../src/doctor/check.ts';
import { checkWorkers } from '../src/doctor/process-checks.ts';
import { checkSender, type Sender } from '../src/doctor/sender-checks.ts';
import { connectionCause } from '../src/redis-advice.ts';
import { run } from './command-line.ts';

const redis = new RedisProcess();
const dns = new DnsServer();
const templates = fileURLToPath(new URL('../../../templates', import.meta.url));
const caFile = join(tmpdir(), `doctor-test-${process.pid}.pem`);
let ca: CertificateAuthority;
let relay: SmtpServer;

const good = {
  A: { localhost: ['127.0.0.1'] },
  TXT: {
    'shop.example': ['v=spf1 ip4:127.0.0.0/8 -all', 'something else'],
    's1._domainkey.shop.example': [`v=DKIM1; k=rsa; p=${'A'.repeat(300)}`],
    '_dmarc.shop.example': ['v=DMARC1; p=reject'],
  },
};

beforeAll(async () => {
  ca = await CertificateAuthority.create();
  await writeFile(caFile, ca.caPem);
  relay = new SmtpServer({ ca, mode: 'implicit-tls' });
  await Promise.all([redis.start(), dns.start(), relay.start()]);
});
afterAll(async () => {
  await Promise.all([redis.stop(), dns.stop(), relay.stop()]);
});
beforeEach(() => {
  dns.records = good;
});

const resolver = () => {
  const made = new Resolver();
  made.setServers([dns.address]);
  return made;
};
const env = () => ({
  REDIS_URL: redis.url,
  POSTHOUSE_SECRET: 'd'.repeat(64),
  SMTP_URL: relay.url,
  SMTP_CA_FILE: caFile,
  MAIL_FROM: 'hello@shop.example',
  TEMPLATES_DIR: templates,
});
const doctor = (more: Record<string, string> = {}, args: string[] = []) =>
  run(['doctor', ...args], { env: { ...env(), ...more }, createResolver: resolver });
/** The lines of an area. */
async function checks(area: string, more: Record<string, string> = {}, args: string[] = []): Promise<Check[]> {
  // The templates take longer than the rest, and are looked at once.
  const { stdout } = await doctor({ TEMPLATES_DIR: '/nowhere', ...more }, ['--json', ...args]);
  return JSON.parse(stdout).checks.filter(({ check }: Check) => check.startsWith(`${area}.`));
}
const failing = (found: readonly Check[]) => found.filter(({ status }) => status === 'error');

it('says that the workers are not known where Redis is gone before they are looked at', async () => {
  const redis = { ...timings.redis, commandLine: 50 };
  const settings = { redisUrl: `redis://127.0.0.1:${await freePort()}`, redisAccess: {} };
  const [found] = await checkWorkers(settings, sealKeys('d'.repeat(64)), { timings: { ...timings, redis }, retention });
  expect(found).toMatchObject({ check: 'workers.running', status: 'error', message: expect.stringContaining('Redis does not say') });
});

describe('doctor', () => {
  it('finds nothing wrong where nothing is, sends no mail, and says that no worker runs', async () => {
    const { code, stdout, stderr } = await doctor({}, ['--json', '--dkim-selector', 's1']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const { checks: found, errors, warnings } = JSON.parse(stdout);
    expect({ errors, warnings }).toEqual({ errors: 0, warnings: 1 });
    expect(Object.fromEntries(found.map(({ check, status }: Check) => [check, status]))).toEqual({
      ...Object.fromEntries(['answers', 'rights', 'durability', 'memory', 'clock', 'secret'].map((name) => [`redis.${name}`, 'ok'])),
      ...Object.fromEntries(['dns', 'tcp', 'tls', 'smtp', 'login'].map((name) => [`relay.${name}`, 'ok'])),
      ...Object.fromEntries(['spf', 'dkim', 'dmarc', 'alignment'].map((name) => [`sender.${name}`, 'ok'])),
      ...{ 'templates.valid': 'ok', 'workers.running': 'warning', 'submission.answers': 'skipped' },
      ...{ 'api.ready': 'skipped', 'worker.ready': 'skipped' },
    });
    expect(found.find(({ check }: Check) => check === 'relay.smtp').message).toMatch(/messages up to \d+ MiB|no limit/);
    expect(relay.messages).toEqual([]);
  });

  it('prints lines of 80 columns, with and without colours, and is strict where it is asked to be', async () => {
    const options = { env: { ...env(), TEMPLATES_DIR: '/nowhere', MAIL_FROM: 'no address' }, createResolver: resolver };
    const { code, stdout } = await run(['doctor'], options);
    expect(code).toBe(1);
    expect(stdout.split('\n').filter((line) => line.length > 80)).toEqual([]);
    expect(stdout).toMatch(/^sender\n {2}✗ configuration: MAIL_FROM must be an address .*\n(.*\n)? {4}→ /m);
    const coloured = await run(['doctor'], { ...options, colors: true });
    const skew = /by \d+ ms/;
    expect(stripVTControlCharacters(coloured.stdout).replace(skew, '')).toBe(stdout.replace(skew, ''));
    expect(coloured.stdout).toContain('\u001b[31m✗');
    expect((await doctor({ SMTP_URL: 'smtp://localhost:1025?tls=off' }, ['--strict', '--json'])).code).toBe(1);
  });
});

describe('doctor of Redis', () => {
  it.each([
    ['refuses the password', () => `redis://default:wrong@127.0.0.1:${redis.port}`, 'redis.answers', /refuses the login/],
    ['is away', async () => `redis://127.0.0.1:${await freePort()}`, 'redis.answers', /cannot be reached at .*ECONNREFUSED/],
    ['denies a command', () => `redis://weak:weak@127.0.0.1:${redis.port}`, 'redis.rights', /lacks \+zadd$/],
  ])('one error where it %s', async (_what, url, check, message) => {
    await redis.cli('ACL', 'SETUSER', 'weak', 'on', '>weak', '~*', '&*', '+@all', '-zadd');
    await redis.cli('CONFIG', 'SET', 'requirepass', 'right');
    onTestFinished(async () => void (await redis.cli('-a', 'right', '--no-auth-warning', 'CONFIG', 'SET', 'requirepass', '')));
    const found = failing(await checks('redis', { REDIS_URL: await url() }));
    expect(found).toEqual([{ check, status: 'error', message: expect.stringMatching(message), fix: expect.stringMatching(/^[A-Z].*\.$/) }]);
  });

  it('says that something else answers, in words of its own', () => {
    expect(connectionCause('Unknown RESP type 72 "H". Please report this.')).toBe('what answers there is not Redis');
    expect(connectionCause('connect ECONNREFUSED 127.0.0.1:1')).toBe('connect ECONNREFUSED 127.0.0.1:1');
  });

  it('says which settings lose mail, and how bad that is', async () => {
    const set = (appendfsync: string, policy: string) => redis.cli('CONFIG', 'SET', 'appendfsync', appendfsync, 'maxmemory-policy', policy);
    await set('everysec', 'allkeys-lru');
    onTestFinished(async () => void (await set('always', 'noeviction')));
    const found = await checks('redis');
    const statusOf = (name: string) => found.find(({ check }) => check === `redis.${name}`);
    expect(statusOf('durability')).toMatchObject({ status: 'warning', message: expect.stringContaining('appendfsync everysec') });
    expect(statusOf('memory')).toMatchObject({ status: 'error', fix: 'Set maxmemory-policy noeviction.' });
  });
});

describe('doctor of a relay', () => {
  const only = (step: string, message: RegExp, fix: RegExp) => [
    {
      check: `relay.${step}`,
      subject: 'localhost',
      status: 'error',
      message: expect.stringMatching(message),
      fix: expect.stringMatching(fix),
    },
  ];

  it('whose certificate is not trusted, has expired, or is of another name', async () => {
    expect(failing(await checks('relay', { SMTP_CA_FILE: '' }))).toEqual(only('tls', /certificate/, /SMTP_CA_FILE/));
    await relay.swapCertificate({ expired: true });
    expect(failing(await checks('relay'))).toEqual(only('tls', /expired.*\[CERT_HAS_EXPIRED\]/, /renew/));
    await relay.swapCertificate({ hosts: ['mail.example'] });
    expect(failing(await checks('relay'))).toEqual(only('tls', /ALTNAME/, /servername/));
    await relay.swapCertificate();
  });

  it('that refuses the password, after one try', async () => {
    const logins = relay.openingCommands.filter((command) => command.startsWith('AUTH')).length;
    const wrong = relay.url.replace(/:[^:@]*@/, ':planted@');
    const found = await checks('relay', { SMTP_URL: wrong });
    expect(failing(found)).toEqual(only('login', /535/, /Correct user and password/));
    expect(JSON.stringify(found)).not.toContain('planted');
    expect(relay.openingCommands.filter((command) => command.startsWith('AUTH'))).toHaveLength(logins + 1);
    // To PLAIN, and to LOGIN after it.
    relay.replyTo('AUTH', { reply: '550 5.7.30 Basic authentication is not supported for Client Submission.', times: 2 });
    expect(failing(await checks('relay'))).toEqual(only('login', /refuses the login/, /auth=oauth/));
  });

  it('that is away, has no address, or expects another scheme', async () => {
    const away = await checks('relay', { SMTP_URL: `smtps://u:p@localhost:${await freePort()}` });
    expect(away.map(({ check, status }) => [check, status])).toEqual([
      ['relay.dns', 'ok'],
      ['relay.tcp', 'error'],
      ['relay.tls', 'skipped'],
      ['relay.smtp', 'skipped'],
      ['relay.login', 'skipped'],
    ]);
    const unknown = failing(await checks('relay', { SMTP_URL: 'smtps://u:p@none.invalid' }));
    expect(unknown).toMatchObject([{ check: 'relay.dns', fix: expect.stringContaining('DNS') }]);
    const starttls = new SmtpServer({ ca, mode: 'starttls' });
    onTestFinished(() => starttls.stop());
    await starttls.start();
    expect(failing(await checks('relay', { SMTP_URL: starttls.url.replace('smtp:', 'smtps:') }))).toEqual(
      only('tls', /write smtp:\/\//, /scheme/),
    );
    expect(failing(await checks('relay', { SMTP_URL: starttls.url }))).toEqual([]);
  });
});

describe('doctor of a sender', () => {
  const sender: Sender = {
    from: 'shop.example',
    envelope: 'shop.example',
    selectors: [],
    relays: Promise.resolve([{ host: 'smtp.relay.example', addresses: ['192.0.2.7'] }]),
  };
  const inspect = async (TXT: Record<string, string[]>, more: Partial<Sender> = {}, others: Omit<DnsServer['records'], 'TXT'> = {}) => {
    dns.records = { TXT, ...others };
    const found = await checkSender({ ...sender, ...more }, resolver(), 60_000);
    return Object.fromEntries(found.map(({ check, status, message }) => [check.slice('sender.'.length), `${status}: ${message}`]));
  };
  const spf = (record: string, more = {}) => ({ 'shop.example': [`v=spf1 ${record}`], ...more });

  it.each([
    ['its address', spf('ip4:192.0.2.0/24 -all'), /^ok: /],
    [
      'its name among the includes',
      spf('include:_spf.relay.example ~all', { '_spf.relay.example': ['v=spf1 ip4:203.0.113.1 -all'] }),
      /^ok: .*1 of 10/,
    ],
    ['an include of an include', spf('include:a.example ?all', { 'a.example': ['v=spf1 ip4:192.0.2.7 -all'] }), /^ok: /],
    ['a redirect', spf('redirect=a.example', { 'a.example': ['v=spf1 ip4:192.0.2.7 -all'] }), /^ok: .*-all/],
    ['nothing of it', spf('ip4:203.0.113.1 ip6:2001:db8::/32 -all'), /^warning: .* does not name smtp\.relay\.example, neither/],
    ['terms that depend on the mail', spf('exists:%{i}.a.example -all'), /^warning: .*as far as can be seen/],
    ['everybody', spf('ip4:192.0.2.7 +all'), /^warning: .*everybody/],
    ['a name without a policy', spf('include:none.example ip4:192.0.2.7 -all'), /^error: .*includes none\.example/],
    ['itself', spf('include:shop.example -all'), /^error: .*more than 10 queries/],
    ['no record', {}, /^error: .*no SPF record/],
    ['two records', { 'shop.example': ['v=spf1 -all', 'v=spf1 ~all'] }, /^error: .*2 SPF records/],
  ])('whose SPF has %s', async (_what, records, expected) => {
    expect((await inspect(records))['spf']).toMatch(expected);
  });

  it('whose SPF names a host of the domain, by A and by MX', async () => {
    const others = {
      A: { 'out.shop.example': ['192.0.2.7'], 'shop.example': ['192.0.2.200'] },
      MX: { 'shop.example': ['out.shop.example'] },
    };
    for (const terms of ['mx', 'a:out.shop.example', 'a/24'])
      expect((await inspect(spf(`${terms} -all`), {}, others))['spf']).toMatch(/^ok/);
    expect((await inspect(spf('a -all'), {}, others))['spf']).toMatch(/^warning/);
  });

  it.each([
    ['email-smtp.eu-west-1.amazonaws.com', 'amazonses.com'],
    ['smtp-relay.gmail.com', '_spf.google.com'],
    ['shop-example.mail.protection.outlook.com', 'spf.protection.outlook.com'],
    ['smtp.mandrillapp.com', 'spf.mandrillapp.com'],
    ['smtp.fastmail.com', 'spf.messagingengine.com'],
  ])('of %s, which is included as %s', async (host, include) => {
    const relays = Promise.resolve([{ host, addresses: [] }]);
    const records = spf(`include:${include} ~all`, { [include]: ['v=spf1 ip4:203.0.113.1 -all'] });
    expect((await inspect(records, { relays }))['spf']).toMatch(/^ok/);
    dns.records = { TXT: spf('~all') };
    const [missing] = await checkSender({ ...sender, relays }, resolver(), 60_000);
    expect(missing).toMatchObject({ status: 'warning', fix: expect.stringContaining(`such as include:${include};`) });
  });

  it('of a server of its own at Amazon, which is not SES', async () => {
    const relays = Promise.resolve([{ host: 'ec2-203-0-113-9.eu-west-1.compute.amazonaws.com', addresses: ['203.0.113.9'] }]);
    const records = spf('include:amazonses.com ~all', { 'amazonses.com': ['v=spf1 ip4:203.0.113.1 -all'] });
    expect((await inspect(records, { relays }))['spf']).toMatch(/^warning: .* does not name ec2-/);
  });

  it('with and without DKIM keys, DMARC policies and alignment', async () => {
    const own = spf('ip4:192.0.2.7 -all');
    const selectors = ['s1', 's2'];
    expect(await inspect({ ...own, 's1._domainkey.shop.example': ['v=DKIM1; p='] }, { selectors: ['s1'] })).toMatchObject({
      dkim: expect.stringMatching(/^error: .*revoked/),
      dmarc: expect.stringMatching(/^warning: .*no DMARC policy/),
      alignment: expect.stringMatching(/^ok: /),
    });
    expect((await inspect({ 's2._domainkey.shop.example': ['k=rsa; p=AA'] }, { selectors }))['dkim']).toMatch(/^ok: .*s2/);
    expect((await inspect({ '_dmarc.shop.example': ['v=DMARC1; p=perhaps'] }))['dmarc']).toMatch(/^error: .*no valid p=/);
    const below = { from: 'mail.shop.example' };
    const policy = (text: string) => ({ ...own, '_dmarc.shop.example': [`v=DMARC1; ${text}`] });
    expect(await inspect(policy('p=reject; sp=none'), below)).toMatchObject({
      dmarc: expect.stringMatching(/_dmarc\.shop\.example says p=none/),
      alignment: expect.stringMatching(/^ok/),
    });
    expect((await inspect(policy('p=reject; aspf=s'), below))['alignment']).toMatch(
      /^warning: nothing is aligned with mail\.shop\.example/,
    );
    const elsewhere = { envelope: 'bounce.example', selectors: ['s1'] };
    const foreign = { ...policy('p=reject'), 'bounce.example': ['v=spf1 ip4:192.0.2.7 -all'] };
    expect((await inspect(foreign, elsewhere))['alignment']).toMatch(/^error: nothing is aligned/);
  });

  it('whose DNS fails, or does not answer', async () => {
    dns.fails = true;
    onTestFinished(() => {
      dns.fails = false;
      dns.answers = true;
    });
    expect(await inspect(spf('-all'))).toMatchObject({
      spf: expect.stringMatching(/^warning: the DNS does not answer TXT shop\.example \(ESERVFAIL\)/),
    });
    dns.answers = false;
    const impatient = new Resolver({ timeout: 100, tries: 1 });
    impatient.setServers([dns.address]);
    const found = await checkSender({ ...sender, selectors: ['s1'] }, impatient, 60_000);
    expect(found.map(({ check, status }) => `${check} ${status}`)).toEqual([
      'sender.spf warning',
      'sender.dkim warning',
      'sender.dmarc warning',
      'sender.alignment skipped',
    ]);
    // All queries together have an end, however long each may take.
    expect(await checkSender(sender, resolver(), 50)).toHaveLength(4);
  });
});
