import { expect, test } from 'vitest';
import { readConfig } from '../src/config.ts';

test('needs no settings: default ports and a private Redis', () => {
  expect(readConfig({}, [])).toEqual({ once: false, redisUrl: undefined, webPort: undefined, apiPort: undefined, logLevel: 'info' });
});

test('reads every setting', () => {
  const env = { REDIS_URL: 'redis://127.0.0.1:6379', SANDBOX_PORT: '0', API_PORT: '4000', LOG_LEVEL: 'debug' };
  expect(readConfig(env, ['--once'])).toEqual({
    once: true,
    redisUrl: 'redis://127.0.0.1:6379',
    webPort: 0,
    apiPort: 4000,
    logLevel: 'debug',
  });
});

test('reports all issues together', () => {
  const read = () => readConfig({ REDIS_URL: 'somewhere', SANDBOX_PORT: '70000' }, ['--twice']);
  expect(read).toThrow(/--twice is not an option[\s\S]*REDIS_URL must be[\s\S]*SANDBOX_PORT must be/);
});
