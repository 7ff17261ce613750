/** A relay, step by step: look-up, connection, TLS and certificate, EHLO with its limits, login. No mail is sent. */
import { describeReason, type Timings } from '@posthouse/contract';
import type { Provider, RelayInspection, RelayStep } from '@posthouse/delivery';
import { type Check, Checks } from './check.ts';

const mebibyte = 2 ** 20;

/** A message larger than this is rare; a relay that takes less is worth a line. */
const usualMessageBytes = 10 * mebibyte;

/** What to do about a failure, by its step, and by its code or that of the reply where it says more. */
const fixes: Readonly<Record<RelayStep, string>> = {
  dns: 'Correct the host in SMTP_URL, or the DNS of this machine.',
  tcp: 'Correct host and port in SMTP_URL, start the relay, or let a firewall allow the connection. Many clouds block port 25, and allow 587 and 465.',
  tls: 'Use the scheme that fits the port: smtps:// for TLS from the first byte (465), smtp:// for STARTTLS (587).',
  smtp: 'Ask the relay why: it may allow only some addresses, or want another name (?ehlo= in SMTP_URL).',
  login: 'Correct user and password in SMTP_URL. Percent-encode special characters; many relays want a password for applications.',
};
const fixesOfCodes: readonly [code: RegExp, fix: string][] = [
  [/^CERT_HAS_EXPIRED$/, 'The relay must renew its certificate; correct the clock of this machine where it is wrong.'],
  [/^CERT_NOT_YET_VALID$/, 'Correct the clock of this machine, or the certificate of the relay.'],
  [/ALTNAME|HOSTNAME_MISMATCH/, 'Use a host name in SMTP_URL that the certificate names, or state it with ?servername=.'],
  [
    /SELF_SIGNED|UNABLE_TO_|DEPTH_ZERO/,
    'Where the authority is private, set SMTP_CA_FILE to its certificate; otherwise the relay must send its whole chain.',
  ],
  [
    /^535 5\.7\.139$/,
    'Microsoft 365: switch SMTP AUTH on for the mailbox (Set-CASMailbox -SmtpClientAuthenticationDisabled $false), and use OAuth: docs/relays.md. Otherwise user or password is wrong, or a policy forbids passwords.',
  ],
  [/^550 5\.7\.30$/, 'Microsoft 365 takes no passwords any more: use OAuth, ?auth=oauth in SMTP_URL and SMTP_OAUTH_…: docs/relays.md.'],
  [/^oauth-required$/, 'Use OAuth, ?auth=oauth in SMTP_URL and SMTP_OAUTH_…: docs/relays.md.'],
  [/^ENOAUTH$/, 'Name a mechanism with ?auth= in SMTP_URL that the relay offers, or use its port for submission (587 or 465).'],
];

/** @param ca PEM of SMTP_CA_FILE */
export async function checkRelay(provider: Provider, ca: string | undefined, timings: Timings): Promise<Check[]> {
  const { inspectRelay, relaySteps } = await import('@posthouse/delivery');
  const { connect, reply, certificateLeft } = timings.commandLine.doctor;
  const short = { connect, greeting: reply, ehlo: reply, starttls: reply, auth: reply, quit: reply, schemeCheck: connect };
  const found = await inspectRelay(provider, ca === undefined ? {} : { ca }, { ...timings.smtp, ...short });
  const checks = new Checks('relay', provider.name);
  const failedAt = found.failure === undefined ? relaySteps.length : relaySteps.indexOf(found.failure.step);
  for (const [index, step] of relaySteps.entries()) {
    if (index < failedAt) reportStep(checks, step, provider, found, certificateLeft);
    else if (index === failedAt && found.failure !== undefined) reportFailure(checks, found.failure);
    else checks.skipped(step, `not reached`);
  }
  return checks.list;
}

function reportFailure(checks: Checks, { step, code, detail, reply, replied = code }: NonNullable<RelayInspection['failure']>): void {
  const fix = fixesOfCodes.find(([pattern]) => pattern.test(code) || pattern.test(replied))?.[1] ?? fixes[step];
  const meaning = describeReason(code)?.meaning;
  const known = meaning === undefined || detail.startsWith(meaning) ? detail : `${meaning}: ${detail}`;
  checks.error(step, `${known}${reply === undefined ? '' : `; the server says: ${reply}`} [${code}]`, fix);
}

function reportStep(
  checks: Checks,
  step: RelayStep,
  provider: Provider,
  { addresses, tls, capabilities }: RelayInspection,
  minMs: number,
): void {
  const { host, port, security, credentials, oauth } = provider;
  if (step === 'dns') checks.ok(step, `${host} is ${addresses.join(', ')}`);
  if (step === 'tcp') checks.ok(step, `port ${port} accepts connections`);
  if (step === 'tls') reportTls(checks, security, tls, minMs);
  if (step === 'smtp' && capabilities !== undefined) reportLimits(checks, capabilities);
  if (step === 'login') {
    if (oauth !== undefined)
      checks.skipped(
        step,
        `it logs in with an access token (${oauth.mechanisms.join(', ')}): the log of the worker says whether that works`,
      );
    else if (credentials === undefined)
      checks.ok(step, 'SMTP_URL has no user: the relay accepts mail without a login, or refuses it when it is sent');
    else checks.ok(step, `the login works${capabilities === undefined ? '' : ` (offered: ${capabilities.mechanisms.join(', ')})`}`);
  }
}

function reportTls(checks: Checks, security: Provider['security'], tls: RelayInspection['tls'], minMs: number): Checks {
  if (tls === undefined) return checks.skipped('tls', security === 'none' ? 'off, to this machine only (?tls=off)' : 'not known');
  const leftMs = tls.validTo - Date.now();
  const what = `${tls.protocol}; the certificate is valid for ${Math.floor(leftMs / 86_400_000)} more days`;
  if (leftMs >= minMs) return checks.ok('tls', what);
  return checks.warning('tls', what, 'The relay must renew its certificate before it expires.');
}

function reportLimits(checks: Checks, { maxSize, smtpUtf8, eightBitMime }: NonNullable<RelayInspection['capabilities']>): void {
  const size = maxSize === undefined ? 'no limit of size is named' : `messages up to ${Math.floor(maxSize / mebibyte)} MiB`;
  const has = (offered: boolean, name: string) => `${name} ${offered ? 'yes' : 'no'}`;
  const text = `EHLO is accepted: ${size}, ${has(smtpUtf8, 'SMTPUTF8')}, ${has(eightBitMime, '8BITMIME')}`;
  if (maxSize !== undefined && maxSize < usualMessageBytes)
    checks.warning('smtp', text, 'Keep messages with their attachments below that size: a larger one fails.');
  else checks.ok('smtp', text);
}
