/** Which senders the holder of an API key may use. */
import { addressDomain } from '@posthouse/contract';
import type { KeyRights } from './key-rights.ts';

/**
 * Why an address may not be a sender, as a clause about it; undefined where it may.
 * @param domains those in MAIL_FROM_DOMAINS
 */
export function senderIssue(address: string, domains: readonly string[], { fromDomains }: KeyRights): string | undefined {
  const allowed = domains.filter((domain) => fromDomains?.includes(domain) ?? true);
  if (allowed.includes(addressDomain(address))) return undefined;
  if (fromDomains === undefined) return `must have one of the domains in MAIL_FROM_DOMAINS: ${allowed.join(', ')}`;
  if (allowed.length > 0) return `must have one of the domains that this API key may send from: ${allowed.join(', ')}`;
  return 'is not possible with this API key, because MAIL_FROM_DOMAINS has none of its domains; ask an administrator of Posthouse to change one of the two';
}
