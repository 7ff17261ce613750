/** Which senders are allowed: the variables that say so. */
import { addressDomain, type Mailbox } from '@posthouse/contract';
import type { EnvReader } from './env-reader.ts';
import { domains } from './env-values.ts';

/**
 * Reads the domains that a sender may have: MAIL_FROM_DOMAINS or, without it, the domain of MAIL_FROM.
 * @param from MAIL_FROM, if it is set and valid
 * @returns none where neither is
 */
export function readSenderDomains(read: EnvReader, from: Mailbox | undefined): readonly string[] {
  return read.optional('MAIL_FROM_DOMAINS', domains) ?? (from === undefined ? [] : [addressDomain(from.address)]);
}
