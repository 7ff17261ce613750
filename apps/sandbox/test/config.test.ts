import { relayProfiles } from '@posthouse/devkit';
import { expect, test } from 'vitest';
import { readConfig } from '../src/config.ts';

test('needs no settings: default ports, a private Redis and a relay without limits', () => {
  expect(readConfig({}, [])).toEqual({
    once: false,
    fresh: false,
    folder: expect.stringMatching(/\/\.posthouse\/sandbox$/),
    relay: undefined,
    redis: undefined,
    secret: undefined,
    webPort: undefined,
    apiPort: undefined,
    fromDomains: [],
    logLevel: 'info',
  });
});

test('reads every setting', () => {
  const url = 'redis://127.0.0.1:6379';
  const env = {
    REDIS_URL: url,
    POSTHOUSE_SECRET: 'a'.repeat(64),
    SANDBOX_PORT: '0',
    SANDBOX_DIR: '/kept',
    API_PORT: '4000',
    MAIL_FROM_DOMAINS: 'a.example',
    LOG_LEVEL: 'debug',
  };
  expect(readConfig(env, ['--once', '--fresh'])).toEqual({
    once: true,
    fresh: true,
    folder: '/kept',
    redis: { env: { REDIS_URL: url }, settings: { redisUrl: url, redisAccess: {} } },
    secret: 'a'.repeat(64),
    webPort: 0,
    apiPort: 4000,
    fromDomains: ['a.example'],
    logLevel: 'debug',
  });
});

test('does not read POSTHOUSE_SECRET without REDIS_URL: it may be that of an earlier sandbox', () => {
  expect(readConfig({ POSTHOUSE_SECRET: 'a'.repeat(64) }, []).secret).toBeUndefined();
});

test('takes a relay, with its own limits or with others', () => {
  expect(readConfig({}, ['--relay', 'office365', '--once'])).toMatchObject({ once: true, relay: relayProfiles.office365 });
  const { relay } = readConfig({}, ['--relay', 'ses:quota=20,idleMs=500']);
  expect(relay?.limits).toMatchObject({ quota: { max: 20 }, idleMs: { max: 500 }, rate: { max: 14 } });
});

test.each([
  [['--relay', 'sendgrid'], /--relay must be one of office365, ses, gmail, workspace-relay, exim, naver, qq; "sendgrid" is not/],
  [['--relay'], /--relay must be one of office365, [^"]*$/],
  [['--relay', 'ses:quota'], /--relay ses: "quota" is not a limit with a number, such as quota=20/],
  [['--relay', 'ses:quota=0'], /"quota=0" is not a limit with a number/],
  [['--relay', 'naver:quota=20'], /The relay naver has no limit "quota"; it has recipients/],
])('rejects %j', (args, message) => {
  expect(() => readConfig({}, args)).toThrow(message);
});

test('reports all issues together', () => {
  const read = () => readConfig({ REDIS_URL: 'somewhere', POSTHOUSE_SECRET: 'x', SANDBOX_PORT: '70000' }, ['--twice']);
  expect(read).toThrow(/--twice is not an option[\s\S]*REDIS_URL must be[\s\S]*POSTHOUSE_SECRET [\s\S]*SANDBOX_PORT must be/);
});
