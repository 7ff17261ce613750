/** DMARC: the policy that counts for a domain, and which domain it is of. */
import type { DomainRecords } from './domain-records.ts';

/** A policy, and where it was found. */
export interface DmarcPolicy {
  /** The domain itself, or the nearest one above it. */
  domain: string;
  records: readonly string[];
  /** `none`, `quarantine` or `reject`; undefined where it states none, which makes it invalid. */
  policy: string | undefined;
  /** The highest domain above it with a policy: what is below it belongs together. */
  organization: string;
  /** SPF must be of exactly the domain in From. */
  strictSpf: boolean;
}

/**
 * Looks in the domain and in those above it, down to two labels: the tree walk of DMARCbis, which needs no list of public suffixes.
 * @returns undefined where there is none
 * @throws DnsFailure where a query is not answered
 */
export async function readDmarc(domain: string, dns: DomainRecords): Promise<DmarcPolicy | undefined> {
  const labels = domain.split('.');
  const names = labels.slice(0, Math.max(labels.length - 1, 1)).map((_, from) => labels.slice(from).join('.'));
  const found: { name: string; records: string[] }[] = [];
  for (const name of names) {
    const records = (await dns.texts(`_dmarc.${name}`)).filter((text) => /^v=DMARC1\s*(;|$)/.test(text));
    if (records.length > 0) found.push({ name, records });
  }
  const [first] = found;
  if (first === undefined) return undefined;
  const tags = tagsOf(first.records[0] ?? '');
  const own = tags.get('p')?.toLowerCase();
  // A domain below the one that has the record goes by sp, where there is one.
  const policy = first.name === domain ? own : (tags.get('sp')?.toLowerCase() ?? own);
  return {
    domain: first.name,
    records: first.records,
    policy: policy !== undefined && ['none', 'quarantine', 'reject'].includes(policy) ? policy : undefined,
    organization: found.at(-1)?.name ?? first.name,
    strictSpf: tags.get('aspf')?.toLowerCase() === 's',
  };
}

/** The tags of a record of DMARC or DKIM: `v=DKIM1; p=…`. */
export function tagsOf(record: string): Map<string, string> {
  return new Map(
    record.split(';').flatMap((part) => {
      const [, name, value] = /^\s*([a-z0-9_]+)\s*=\s*(.*?)\s*$/is.exec(part) ?? [];
      return name === undefined || value === undefined ? [] : [[name, value] as const];
    }),
  );
}

/** Whether a domain is the one in From, or belongs to the same organization. */
export function isAligned(
  domain: string,
  from: string,
  { organization, strictSpf }: Pick<DmarcPolicy, 'organization' | 'strictSpf'>,
): boolean {
  return domain === from || (!strictSpf && (domain === organization || domain.endsWith(`.${organization}`)));
}
