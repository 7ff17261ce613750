/** The name that this machine gives in EHLO (RFC 5321 section 4.1.1.1). */
import { addressDomain } from '@posthouse/contract';

/** Ends of names that mean nothing outside a network: `host.local`, `localhost.localdomain`. */
const privateName = /(?:^|\.)(?:local|localdomain|localhost|internal|lan|home|arpa|invalid|test)$/;

/**
 * The first full name of: the machine, the sender, the envelope's sender. Relays refuse a client without one, or one that gives an address.
 * @param hostname as the system has it
 * @param addresses of the senders, most preferred first
 * @returns undefined when there is none
 */
export function defaultEhloName(hostname: string, addresses: readonly (string | undefined)[]): string | undefined {
  const senders = addresses.flatMap((address) => (address === undefined ? [] : [addressDomain(address)]));
  return [hostname, ...senders].map((name) => name.toLowerCase()).find(isFullName);
}

function isFullName(name: string): boolean {
  return /^(?=.{4,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+(?!\d+$)[a-z0-9-]{2,63}$/.test(name) && !privateName.test(name);
}
