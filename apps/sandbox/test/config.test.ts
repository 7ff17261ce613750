import { expect, test } from 'vitest';
import { readConfig } from '../src/config.ts';

test('without a word it runs on its usual ports, with a Redis of its own', () => {
  expect(readConfig({}, [])).toEqual({ once: false, redisUrl: undefined, webPort: undefined, apiPort: undefined, logLevel: 'info' });
});

test('what is set is taken', () => {
  const env = { REDIS_URL: 'redis://127.0.0.1:6379', SANDBOX_PORT: '0', API_PORT: '4000', LOG_LEVEL: 'debug' };
  expect(readConfig(env, ['--once'])).toEqual({
    once: true,
    redisUrl: 'redis://127.0.0.1:6379',
    webPort: 0,
    apiPort: 4000,
    logLevel: 'debug',
  });
});

test('every fault is named at once', () => {
  const read = () => readConfig({ REDIS_URL: 'somewhere', SANDBOX_PORT: '70000' }, ['--twice']);
  expect(read).toThrow(/--twice is not known[\s\S]*REDIS_URL must be[\s\S]*SANDBOX_PORT must be/);
});
