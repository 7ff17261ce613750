/** What a server says in place of a greeting goes to the record, which is sealed, and not into the failure that the worker logs. */
import { expect, it } from 'vitest';
import { rawRelay } from './raw-relay.ts';
import { client, useRelay } from './relay-fixture.ts';

useRelay();

it.each([
  ['554 planted@secret.example is blocked', 'smtp', '554'],
  ['421-planted\r\n421 planted', 'smtp', '421'],
  ['250 planted', 'smtp', '250'],
  ['planted', 'smtp', 'out-of-step'],
  ['554 planted', 'smtps', 'EPROTO'],
])('of %j over %s:// the failure names the code only', async (greeting, scheme, reason) => {
  const relay = await rawRelay({ greet: (socket) => void socket.end(`${greeting}\r\n`) });
  const url = scheme === 'smtp' ? relay.url : relay.url.replace('smtp:', 'smtps:').replace('?tls=off', '');
  const failure = await client({ url }, undefined).login();
  expect(failure).toMatchObject({ reason: expect.stringContaining(scheme === 'smtp' ? reason : '') });
  expect(JSON.stringify(failure)).not.toContain('planted');
});
