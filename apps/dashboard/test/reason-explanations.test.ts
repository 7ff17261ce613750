import { expect, test } from 'vitest';
import { explainReason } from '../src/reason-explanations.ts';

test.each([
  ['550 5.1.1', 'there is no such mailbox'],
  ['552 5.2.2', 'the mailbox is full'],
  ['452 4.2.2', 'the mailbox is full'],
  ['421 4.7.0', 'the provider is too busy, or closes the connection'],
  ['550 5.4.5', 'the daily limit of the account is reached'],
  ['450 4.4.5', 'the mail server has too much to do'],
  ['535 5.7.8', 'the provider refuses our login'],
  ['550', 'the mailbox is refused: unknown, or not for us'],
  ['550 5.9.9', 'the mailbox is refused: unknown, or not for us'],
  ['250 2.0.0', 'accepted by the relay'],
  ['459 4.9.9', 'refused for now'],
  ['599', 'refused for good'],
  ['ECONNREFUSED', "nothing listens at the provider's address and port"],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', "the provider's certificate is not trusted here: look at SMTP_CA_FILE"],
  ['CERT_HAS_EXPIRED', "the provider's certificate has expired"],
  ['ERR_SSL_WRONG_VERSION_NUMBER', 'TLS with the provider fails'],
  ['template-data', 'the data no longer fits the template: it has changed since the mail was accepted'],
])('%s: %s', (reason, words) => {
  expect(explainReason(reason)).toBe(words);
});

test.each(['', '700', '550 5.1.1 and more', "the record's tags is not JSON", 'constructor'])('"%s" speaks for itself', (reason) => {
  expect(explainReason(reason)).toBeUndefined();
});
