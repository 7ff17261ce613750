/** The sender's domain, as receivers look at it: SPF, DKIM, DMARC, and whether they are about the domain in From. */
import type { Resolver } from 'node:dns/promises';
import { type Check, Checks, sentence } from './check.ts';
import { type DmarcPolicy, isAligned, readDmarc, tagsOf } from './dmarc.ts';
import { DnsFailure, DomainRecords } from './domain-records.ts';
import { maxLookups, readSpf, type SpfPolicy } from './spf.ts';

/** What is looked at. */
export interface Sender {
  /** The domain in From. */
  from: string;
  /** The domain of the envelope's sender, whose SPF receivers check. */
  envelope: string;
  /** Names of DKIM keys. */
  selectors: readonly string[];
  /** Being looked up. */
  relays: Promise<readonly Relay[]>;
}

/** A relay and its addresses, as far as they are known. */
export interface Relay {
  host: string;
  addresses: readonly string[];
}

/**
 * The domain that the records of a relay are included by, where it ends otherwise than the relay's host; of any other relay a domain that ends
 * like its host. Postmark is not here, because it sends with an envelope sender of its own (mxtoolbox.com/c/outboundemailsources), nor is Brevo,
 * whose term is another one for each domain (brevo.com.domain-authentication.json in github.com/Domain-Connect/Templates).
 */
const includesOf: readonly [host: RegExp, include: string][] = [
  // docs.amazonwebservices.com/ses/latest/DeveloperGuide/SPF.html; other hosts of amazonaws.com are servers of customers.
  [/^email-smtp(-fips)?\.[a-z0-9-]+\.amazonaws\.com$/, 'amazonses.com'],
  // www.mimecast.com/es/content/set-up-google-workspace-spf-record, which quotes Google
  [/^smtp(-relay)?\.gmail\.com$/, '_spf.google.com'],
  // learn.microsoft.com/defender-office-365/email-authentication-spf-configure
  [/(^|\.)(office365|outlook)\.com$/, 'spf.protection.outlook.com'],
  // mailchimp.com/developer/transactional/docs/authentication-delivery wants SPF; the domain is from sendmarc.com/spf/spf-mandrill
  [/(^|\.)mandrillapp\.com$/, 'spf.mandrillapp.com'],
  // de.support.powerdmarc.com/support/solutions/articles/60000701459
  [/(^|\.)fastmail\.com$/, 'spf.messagingengine.com'],
];

const includeOf = (host: string) => includesOf.find(([pattern]) => pattern.test(host))?.[1];

/** @param timeoutMs for all queries together */
export async function checkSender(sender: Sender, resolver: Resolver, timeoutMs: number): Promise<Check[]> {
  const checks = new Checks('sender', sender.from);
  const dns = new DomainRecords(resolver, timeoutMs);
  const answered = async <T>(check: string, look: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await look();
    } catch (error) {
      if (!(error instanceof DnsFailure)) throw error;
      checks.warning(check, error.message, 'Check the DNS of this machine, and run the command again.');
      return undefined;
    }
  };
  const spf = await answered('spf', async () => {
    const policy = await readSpf(sender.envelope, dns);
    reportSpf(checks, sender.envelope, await sender.relays, policy);
    return { policy };
  });
  const dkim = await answered('dkim', () => reportDkim(checks, sender, dns));
  const dmarc = await answered('dmarc', async () => ({ policy: await readDmarc(sender.from, dns) }));
  dns.close();
  if (dmarc !== undefined) reportDmarc(checks, sender, dmarc.policy);
  if (dmarc === undefined) checks.skipped('alignment', 'the policy is not known');
  else reportAlignment(checks, sender, dmarc.policy, { hasSpf: spf?.policy.records.length === 1, hasDkim: dkim === true });
  return checks.list;
}

function reportSpf(checks: Checks, envelope: string, relays: readonly Relay[], policy: SpfPolicy): Checks {
  const [record, ...more] = policy.records;
  const wanted = relays.map(({ host }) => `include:${includeOf(host) ?? '<as the relay documents>'}`);
  const example = `v=spf1 ${[...new Set(wanted)].join(' ')} ~all`;
  if (record === undefined)
    return checks.error(
      'spf',
      `${envelope} has no SPF record: many receivers refuse its mail`,
      `Publish one as TXT of ${envelope}: "${example}".`,
    );
  if (more.length > 0)
    return checks.error('spf', `${envelope} has ${policy.records.length} SPF records, so none counts (RFC 7208)`, 'Join them into one.');
  if (policy.lookups > maxLookups)
    return checks.error(
      'spf',
      `the SPF record of ${envelope} needs more than ${maxLookups} queries, so it does not count`,
      'Remove terms that are not needed any more.',
    );
  const [broken] = policy.broken;
  if (broken !== undefined)
    return checks.error(
      'spf',
      `the SPF record of ${envelope} includes ${broken}, which has none (or several)`,
      'Correct that name, or remove the term.',
    );
  const missing = relays.filter((relay) => !isListed(relay, policy)).map(({ host }) => host);
  if (missing.length > 0) {
    const partly = policy.isPartial
      ? ' as far as can be seen: it has terms that depend on the mail'
      : ', neither by an address nor by an included domain';
    return checks.warning(
      'spf',
      `the SPF record of ${envelope} does not name ${missing.join(', ')}${partly}`,
      `Add what the relay documents, such as ${wanted[0]}; or use its envelope sender (MAIL_RETURN_PATH), where it has one.`,
    );
  }
  if (policy.all === '+')
    return checks.warning('spf', `the SPF record of ${envelope} allows everybody (+all)`, 'End it with ~all or -all.');
  return checks.ok('spf', `${envelope} allows the relay (${policy.lookups} of ${maxLookups} queries, ${policy.all ?? '?'}all)`);
}

function isListed({ host, addresses }: Relay, { allows, includes }: SpfPolicy): boolean {
  if (addresses.some((address) => allows.check(address, address.includes(':') ? 'ipv6' : 'ipv4'))) return true;
  const end = host.split('.').slice(-2).join('.');
  return includes.some((name) => name === includeOf(host) || name === end || name.endsWith(`.${end}`));
}

/** @returns whether a key was found; undefined where none is named */
async function reportDkim(checks: Checks, { from, selectors }: Sender, dns: DomainRecords): Promise<boolean | undefined> {
  if (selectors.length === 0) {
    checks.skipped('dkim', 'the relay signs; name its key with --dkim-selector to check it');
    return undefined;
  }
  let isFound = false;
  for (const selector of selectors) {
    const name = `${selector}._domainkey.${from}`;
    const [record] = (await dns.texts(name)).filter((text) => tagsOf(text).has('p'));
    const key = record === undefined ? undefined : tagsOf(record).get('p');
    if (key === undefined)
      checks.error('dkim', `there is no key at ${name}`, 'Publish the record that the relay documents, or correct the selector.');
    else if (key === '') checks.error('dkim', `the key at ${name} is revoked (empty p=)`, 'Publish the present key of the relay.');
    else {
      isFound = true;
      checks.ok('dkim', `there is a key at ${name}`);
    }
  }
  return isFound;
}

function reportDmarc(checks: Checks, { from }: Sender, found: DmarcPolicy | undefined): Checks {
  if (found === undefined)
    return checks.warning(
      'dmarc',
      `${from} has no DMARC policy: large receivers want one`,
      `Publish one as TXT of _dmarc.${from}: "v=DMARC1; p=none".`,
    );
  const { domain, policy, records } = found;
  if (records.length > 1)
    return checks.error('dmarc', `_dmarc.${domain} has ${records.length} policies, so none counts`, 'Keep one of them.');
  if (policy === undefined)
    return checks.error('dmarc', `the DMARC policy at _dmarc.${domain} has no valid p=`, 'State p=none, p=quarantine or p=reject.');
  const effect = policy === 'none' ? 'receivers only report' : `receivers ${policy} mail that is not aligned`;
  return checks.ok('dmarc', `_dmarc.${domain} says p=${policy}: ${effect}`);
}

/** DMARC passes where SPF or DKIM passes for a domain that belongs to the one in From. */
function reportAlignment(
  checks: Checks,
  { from, envelope, selectors }: Sender,
  dmarc: DmarcPolicy | undefined,
  { hasSpf, hasDkim }: { hasSpf: boolean; hasDkim: boolean },
): Checks {
  const bySpf = hasSpf && isAligned(envelope, from, dmarc ?? { organization: from, strictSpf: false });
  const ways = [bySpf ? `the envelope's sender is of ${envelope}` : undefined, hasDkim ? `there is a DKIM key of ${from}` : undefined];
  const good = ways.filter((way) => way !== undefined).join(', and ');
  if (good !== '') return checks.ok('alignment', `${good}: aligned with ${from}`);
  const why = hasSpf ? `the envelope's sender is of ${envelope}, which does not belong to ${from}` : 'there is no SPF for it';
  const fix = `let the relay sign with a key of ${from}${selectors.length === 0 ? ' (check it with --dkim-selector)' : ''}, or set MAIL_RETURN_PATH to an address of ${from}`;
  const isEnforced = dmarc?.policy === 'quarantine' || dmarc?.policy === 'reject';
  return checks[isEnforced && selectors.length > 0 ? 'error' : 'warning'](
    'alignment',
    `nothing is aligned with ${from}: ${why}`,
    sentence(fix),
  );
}
