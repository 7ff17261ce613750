import { expect, it } from 'vitest';
import { similarName } from '../src/similar-name.ts';

it.each([
  ['reply_to', 'replyTo'],
  ['Reply-To', 'replyTo'],
  ['scheduled_at', 'scheduledAt'],
  ['sceduledAt', 'scheduledAt'],
  ['emial', 'email'],
  ['too', undefined],
  ['cost', undefined],
  ['', undefined],
  ['r'.repeat(65), undefined],
])('%j is probably %j', (written, meant) => {
  expect(similarName(written, ['to', 'cc', 'replyTo', 'email', 'scheduledAt'])).toBe(meant);
});
