import { expect, test } from 'vitest';
import { explainCircuit, explainReason } from '../src/ui/reason-explanations.tsx';

test.each([
  ['550 5.1.1', 'no such mailbox'],
  ['552 5.2.2', 'mailbox full'],
  ['452 4.2.2', 'mailbox full'],
  ['421 4.7.0', 'the server is too busy or closes the connection'],
  ['550 5.4.5', 'daily sending limit of the account reached'],
  ['450 4.4.5', 'mail server overloaded'],
  ['535 5.7.8', 'the provider rejects the login; check user and password'],
  ['550', 'mailbox unknown, or mail to it not allowed'],
  ['550 5.9.9', 'mailbox unknown, or mail to it not allowed'],
  ['250 2.0.0', 'accepted by the relay'],
  ['459 4.9.9', 'temporary failure'],
  ['599', 'permanent failure'],
  ['ECONNREFUSED', "nothing listens at the provider's address and port"],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', "the provider's certificate is not trusted; check SMTP_CA_FILE"],
  ['CERT_HAS_EXPIRED', "the provider's certificate has expired"],
  ['ERR_SSL_WRONG_VERSION_NUMBER', 'TLS with the provider failed'],
  ['template-data', "the data does not match the template's schema, which has changed since the mail was accepted"],
])('%s: %s', (reason, meaning) => {
  expect(explainReason(reason)).toBe(meaning);
});

test.each(['', '700', '550 5.1.1 and more', "the record's tags is not JSON", 'constructor'])('"%s" has no explanation', (reason) => {
  expect(explainReason(reason)).toBeUndefined();
});

test.each([
  ['432 4.3.2', 'AUTH', 'the provider requires a new password'],
  ['432 4.3.2', 'MAIL', 'the server is busy at the moment'],
  ['432', undefined, 'the server is busy, or the provider requires a new password'],
  ['450 4.2.1', 'RCPT', 'the mailbox receives too much mail at the moment'],
  ['450 4.2.1', 'DOT', 'sending limit of the account reached'],
  ['451 4.7.1', 'RCPT', 'greylisted: asks to try again later'],
  ['451 4.7.1', 'DOT', 'rejected by policy at the moment'],
  ['454 4.7.0', 'AUTH', 'the provider cannot check the login at the moment'],
  ['454', 'DOT', 'sending rate or quota of the account used up'],
  [
    '535 5.7.139',
    'AUTH',
    'SMTP AUTH is switched off for the mailbox or the tenant (Microsoft 365): switch it on, and use OAuth; or a policy or a wrong password forbids it',
  ],
  ['550 5.7.30', undefined, 'logins with a password are switched off (Microsoft 365); use OAuth'],
  ['535 5.7.3', undefined, 'login refused (Microsoft 365): with OAuth the app needs SMTP.SendAsApp and access to the mailbox'],
  ['550', 'MAIL', 'sender address not allowed'],
  ['550', 'RCPT', 'mailbox unknown, or mail to it not allowed'],
  ['550', 'DOT', 'message rejected'],
  ['550 5.1.1', 'DOT', 'no such mailbox'],
  ['501', 'MAIL', 'sender address rejected'],
  ['554 5.7.1', 'CONNECT', 'the server accepts no mail from this client'],
] as const)('%s at %s: %s', (reason, step, meaning) => {
  expect(explainReason(reason, step)).toBe(meaning);
});

test('a quota is named although its code says less, and a login goes by its code and its step', () => {
  expect(explainCircuit({ reason: '450 4.7.1', step: 'RCPT' })).toBe('greylisted: asks to try again later');
  expect(explainCircuit({ reason: '454 4.7.0', step: 'AUTH' })).toBe('the provider cannot check the login at the moment');
  expect(explainCircuit({ reason: '554 5.2.0', account: 'quota' })).toBe('quota of the account used up');
  expect(explainCircuit({ reason: '535 5.7.8', account: 'login' })).toBe('the provider rejects the login; check user and password');
  expect(explainCircuit({ reason: 'ECONNREFUSED' })).toBe("nothing listens at the provider's address and port");
});
