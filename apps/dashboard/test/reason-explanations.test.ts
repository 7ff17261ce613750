import { expect, test } from 'vitest';
import { explainReason } from '../src/ui/reason-explanations.tsx';

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
