/** SPF (RFC 7208), as far as it can be evaluated without a mail: whom a domain allows to send, by address and by included domain. */
import { BlockList, isIP } from 'node:net';
import type { DomainRecords } from './domain-records.ts';

/** What the records of a domain say. */
export interface SpfPolicy {
  /** `v=spf1` records of the domain itself; more than one is an error (RFC 7208 section 4.5). */
  records: readonly string[];
  /** Domains that are included, or whose policy takes its place. */
  includes: readonly string[];
  allows: BlockList;
  /** Of the last `all`: `-` refuses others, `~` marks them, `?` and `+` do not. Absent for none. */
  all?: string;
  /** Terms that need a query; more than 10 are an error (RFC 7208 section 4.6.4). */
  lookups: number;
  /** Included domains without a policy: an error (RFC 7208 section 5.2). */
  broken: readonly string[];
  /** Some terms depend on the mail (macros, `exists`, `ptr`). */
  isPartial: boolean;
}

/** The most terms that need a query. */
export const maxLookups = 10;

interface Walk {
  dns: DomainRecords;
  policy: { -readonly [Name in keyof SpfPolicy]: SpfPolicy[Name] } & { includes: string[]; broken: string[] };
}

/** Reads the policy of a domain. @throws DnsFailure where a query is not answered */
export async function readSpf(domain: string, dns: DomainRecords): Promise<SpfPolicy> {
  const policy: Walk['policy'] = { records: [], includes: [], allows: new BlockList(), lookups: 0, broken: [], isPartial: false };
  policy.records = await recordsOf(domain, dns);
  const [record] = policy.records;
  if (record !== undefined) await walk({ dns, policy }, domain, record, true);
  return policy;
}

async function recordsOf(domain: string, dns: DomainRecords): Promise<string[]> {
  return (await dns.texts(domain)).filter((text) => /^v=spf1(?: |$)/i.test(text));
}

async function walk(state: Walk, domain: string, record: string, isOwn: boolean): Promise<void> {
  const { policy, dns } = state;
  let redirect: string | undefined;
  let hasAll = false;
  for (const term of record.split(/ +/).slice(1)) {
    const [, qualifier = '+', name = '', value] = /^([-+~?]?)([a-z0-9]+)(?:[:=](.*?))?(?=\/|$)/i.exec(term) ?? [];
    const mechanism = name.toLowerCase();
    const prefix = /\/\d+(?:\/\/\d+)?$|\/\/\d+$/.exec(term)?.[0] ?? '';
    if (value?.includes('%')) policy.isPartial = true;
    else if (mechanism === 'all') {
      hasAll = true;
      if (isOwn) policy.all = qualifier || '+';
    } else if (mechanism === 'redirect') redirect = value;
    else if (mechanism === 'include' && value !== undefined) await include(state, value, false);
    else if (mechanism === 'ip4' || mechanism === 'ip6') allow(policy.allows, term.slice(term.indexOf(':') + 1));
    else if (mechanism === 'a' || mechanism === 'mx') {
      if (!counted(policy)) return;
      const hosts = mechanism === 'a' ? [value ?? domain] : await dns.exchanges(value ?? domain);
      for (const host of hosts)
        for (const address of await dns.addresses(host)) allow(policy.allows, `${address}${prefixFor(address, prefix)}`);
    } else if (mechanism === 'exists' || mechanism === 'ptr') {
      policy.isPartial = true;
      if (!counted(policy)) return;
    }
  }
  // It counts only without `all` (RFC 7208 section 6.1).
  if (redirect !== undefined && !hasAll) await include(state, redirect, isOwn);
}

async function include(state: Walk, domain: string, isOwn: boolean): Promise<void> {
  const { policy, dns } = state;
  const name = domain.toLowerCase().replace(/\.$/, '');
  if (!counted(policy)) return;
  policy.includes.push(name);
  const [record, ...more] = await recordsOf(name, dns);
  if (record === undefined || more.length > 0) policy.broken.push(name);
  else await walk(state, name, record, isOwn);
}

/** @returns false once there are too many; a policy that includes itself ends here too */
function counted(policy: Walk['policy']): boolean {
  policy.lookups += 1;
  return policy.lookups <= maxLookups;
}

function allow(list: BlockList, network: string): void {
  const [address = '', bits] = network.split('/');
  const family = isIP(address);
  if (family === 0) return;
  const width = Number(bits ?? (family === 6 ? 128 : 32));
  if (Number.isInteger(width) && width >= 0 && width <= (family === 6 ? 128 : 32))
    list.addSubnet(address, width, family === 6 ? 'ipv6' : 'ipv4');
}

/** Of `a/24//64` the part for the family of an address. */
function prefixFor(address: string, prefix: string): string {
  const [, four, six] = /^(?:\/(\d+))?(?:\/\/(\d+))?$/.exec(prefix) ?? [];
  const bits = isIP(address) === 6 ? six : four;
  return bits === undefined ? '' : `/${bits}`;
}
