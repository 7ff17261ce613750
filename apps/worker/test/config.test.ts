import { retention } from '@posthouse/contract';
import { describe, expect, it } from 'vitest';
import { readConfig } from '../src/config.ts';

const good = { SMTP_URL: 'smtps://user:planted-password@relay.example:465?pool=7', POSTHOUSE_SECRET: 'e'.repeat(64) };

describe('readConfig', () => {
  it('fills in what is not set, with two to four mails in progress for each connection', () => {
    expect(readConfig(good)).toMatchObject({
      redisUrl: 'redis://127.0.0.1:6379',
      templatesDir: './templates',
      concurrency: 14,
      maxConcurrency: 28,
      logLevel: 'info',
    });
    expect(readConfig({ ...good, SMTP_URL: `${good.SMTP_URL},smtp://two.example?pool=2` }).concurrency).toBe(18);
    expect(readConfig({ ...good, WORKER_CONCURRENCY: '3' })).toMatchObject({ concurrency: 3, maxConcurrency: 3 });
    expect(Object.isFrozen(readConfig(good))).toBe(true);
  });

  it('names every error at once and shows no secret', () => {
    const bad = {
      SMTP_URL: 'https://user:planted-password@x',
      POSTHOUSE_SECRET: 'planted-secret',
      REDIS_URL: 'localhost',
      SMTP_CA_FILE: '/nowhere/ca.pem',
      MAIL_RETURN_PATH: 'a@b@c',
      WORKER_CONCURRENCY: '0',
      RETENTION_SENT: '59m',
      RETENTION_FAILED: '3651d',
      CONTENT_RETENTION: 'always',
      LOG_LEVEL: 'loud',
      WORKER_PORT: '65536',
      NOTIFY_WEBHOOK_URL: 'ftp://planted.example',
      NOTIFY_MAIL_TO: 'ops',
      NOTIFY_QUIET_HOURS: 'at night',
    };
    const names = Object.keys(bad);
    expect(() => readConfig(bad)).toThrow(new RegExp(names.map((name) => `(?=[\\s\\S]*- ${name} )`).join('')));
    expect(() => readConfig(bad)).not.toThrow(/planted/);
    expect(() => readConfig({ ...good, NOTIFY_MAIL_TO: 'ops@example.com' })).toThrow('NOTIFY_MAIL_TO needs MAIL_FROM');
    expect(() => readConfig({})).toThrow(/SMTP_URL is not set[\s\S]*POSTHOUSE_SECRET is not set/);
  });

  it('keeps records for 7 and 30 days and no content of mails without a template, unless configured otherwise', () => {
    const hour = 3_600_000;
    expect(readConfig(good).retention).toEqual(retention);
    expect(retention).toMatchObject({ sent: 168 * hour, failed: 720 * hour, content: 0 });
    const own = { RETENTION_SENT: '90d', RETENTION_FAILED: '12h', CONTENT_RETENTION: '7d' };
    expect(readConfig({ ...good, ...own }).retention).toMatchObject({ sent: 2160 * hour, failed: 12 * hour, content: 168 * hour });
  });

  it('gives the relay a full name in EHLO: that of ?ehlo=, of the machine, or of a sender', () => {
    const ehloOf = (env: NodeJS.ProcessEnv, hostname = 'worker-7f9c4') => readConfig({ ...good, ...env }, hostname).providers[0]?.ehlo;
    const senders = { MAIL_FROM: 'Posthouse <hello@example.com>', MAIL_RETURN_PATH: 'bounces@example.net' };
    expect(ehloOf({ ...senders, SMTP_URL: `${good.SMTP_URL}&ehlo=mail.example.org` }, 'host.example.org')).toBe('mail.example.org');
    expect(ehloOf(senders, 'host.example.org')).toBe('host.example.org');
    expect(ehloOf(senders)).toBe('example.com');
    expect(ehloOf({ MAIL_RETURN_PATH: 'bounces@example.net' })).toBe('example.net');
    expect(ehloOf({})).toBeUndefined();
    expect(() => readConfig({ ...good, MAIL_FROM: 'nobody' })).toThrow(/MAIL_FROM/);
  });

  it('refuses a relay without TLS in production', () => {
    const plain = { ...good, SMTP_URL: 'smtp://localhost:1025?tls=off' };
    expect(readConfig(plain).providers).toMatchObject([{ security: 'none' }]);
    expect(() => readConfig({ ...plain, NODE_ENV: 'production' })).toThrow(/SMTP_URL has tls=off although NODE_ENV is production/);
  });

  it('refuses to redirect every mail in production', () => {
    const redirected = { ...good, MAIL_REDIRECT_TO: 'staging@example.com' };
    expect(readConfig(redirected).redirectTo).toEqual({ address: 'staging@example.com' });
    expect(() => readConfig({ ...redirected, NODE_ENV: 'production' })).toThrow(/recipients would get no mail/);
  });
});
