/** What `npm start` prints: progress lines, the first mail, and the URLs and credentials to use. Coloured on a terminal that wants it. */
import { styleText } from 'node:util';
import type { RelayProfile } from '@posthouse/devkit';
import { type FirstMailResult, firstMember } from './first-mail.ts';
import type { RelayEnv } from './processes/redis-and-relay.ts';
import type { Urls } from './sandbox.ts';

type Style = Parameters<typeof styleText>[0];

/** The colour of a line's first character: done, warning, failure. */
const markStyles: Record<string, Style> = { '✓': 'green', '!': 'yellow', '✗': 'red' };

/** Writes lines to one of the process's streams. NO_COLOR and FORCE_COLOR are respected. */
export class Terminal {
  readonly #stream: NodeJS.WriteStream;

  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream;
  }

  /** Writes one line. A leading ✓ (done), ! (warning) or ✗ (failure) is coloured. */
  log(line: string): void {
    const style = markStyles[line.charAt(0)];
    this.#stream.write(`${style === undefined ? line : this.style(style, line.charAt(0)) + line.slice(1)}\n`);
  }

  /** The text in a style, or unchanged when the stream has no colours. */
  style(style: Style, text: string): string {
    return styleText(style, text, { stream: this.#stream });
  }
}

/** Prints whether the first mail arrived. */
export function printFirstMail(terminal: Terminal, result: FirstMailResult): void {
  const member = `${firstMember.nickname} <${firstMember.email}>`;
  terminal.log('');
  if ('failure' in result) {
    terminal.log(`✗ ${member} signed up, but the welcome mail has not arrived.`);
    terminal.log(`  ${result.failure}`);
    return;
  }
  terminal.log(`✓ ${member} signed up, and the welcome mail has arrived.`);
  terminal.log('');
  logRow(terminal, 'Accepted', `in ${result.acceptedInMs} ms by POST /v1/mails`);
  logRow(terminal, 'Sent', `${result.sentAfterMs} ms later, through Redis and the worker to the relay over verified TLS`);
  logRow(terminal, 'Reply', result.response);
}

/** What a person needs to use the sandbox. */
export interface StartupInfo {
  urls: Urls;
  /** The user of the dashboard. */
  admin: { name: string; password: string };
  /** An API key. */
  key: string;
  /** What seals the mails. */
  secret: string;
  /** The relay that the SMTP server behaves like, if any. */
  relay: RelayProfile | undefined;
  relayEnv: RelayEnv;
}

/**
 * Prints the URLs, the credentials, commands that send a mail when they are pasted, and how to use the SMTP server.
 * @param credentialsFile where key and password are kept
 */
export function printStartupInfo(
  terminal: Terminal,
  { urls, admin, key, secret, relay, relayEnv }: StartupInfo,
  credentialsFile: string,
): void {
  const { pages, api, dashboard, submission, redis } = urls;
  const mail = { to: 'you@example.com', template: 'signup', data: { nickname: 'You', email: 'you@example.com' } };
  const link = (url: string) => terminal.style('cyan', url);
  terminal.log('');
  logRow(terminal, 'Sign up', link(pages));
  logRow(terminal, 'Inbox', link(`${pages}/inbox`));
  if (dashboard !== undefined) {
    logRow(terminal, 'Dashboard', `${link(dashboard)}   sign in as ${admin.name}, password ${admin.password}`);
  }
  logRow(terminal, 'API docs', link(`${api}/docs`));
  if (relay !== undefined) logRow(terminal, 'Relay', `behaves like ${relay.title}; ${describeLimits(relay)}`);
  logRow(terminal, 'Redis', redis === undefined ? 'as set in REDIS_URL' : `redis-cli -u ${redis}`);
  terminal.log(`
  ${terminal.style('bold', 'Send a mail; it arrives in the inbox')}

  export POSTHOUSE_URL=${api}
  export POSTHOUSE_KEY=${key}
  curl $POSTHOUSE_URL/v1/mails \\
    -H "Authorization: Bearer $POSTHOUSE_KEY" \\
    -H 'Content-Type: application/json' \\
    -d '${JSON.stringify(mail)}'

${submission === undefined ? '' : smtpSettings(terminal, submission, key, relayEnv)}  ${terminal.style('bold', 'Use the command line: npx --no-install posthouse mails list')}

${redis === undefined ? '' : `  export REDIS_URL=${redis}\n`}  export POSTHOUSE_SECRET=${secret}

  ${terminal.style('bold', 'Deliver to this inbox with a worker of your own')}

${Object.entries(relayEnv)
  .map(([name, value]) => `  export ${name}='${value}'`)
  .join('\n')}

  Key and password stay the same at the next start; npm start -- --fresh makes new ones. They are in
  ${credentialsFile}

  ${terminal.style('dim', 'Ctrl-C stops everything.')}
`);
}

/** What a program that sends by SMTP asks for. */
function smtpSettings(
  terminal: Terminal,
  { host, port, startTlsPort }: NonNullable<Urls['submission']>,
  key: string,
  { SMTP_CA_FILE }: RelayEnv,
): string {
  const rows = [
    ['Host', host],
    ['Port', `${port}   or ${startTlsPort} for STARTTLS`],
    ['Security', `TLS (SSL); the certificate is signed by ${SMTP_CA_FILE}`],
    ['User', 'posthouse, or any other'],
    ['Password', key],
  ].map(([name, value]) => `  ${String(name).padEnd(10)}${value}\n`);
  const title =
    'Send from a program that has SMTP settings; the sender is any address at yourhouse.example, with MAIL_FROM_DOMAINS at others';
  return `  ${terminal.style('bold', title)}\n\n${rows.join('')}\n`;
}

function describeLimits({ limits }: RelayProfile): string {
  const numbers = Object.entries(limits).map(([name, { max }]) => `${name}=${max}`);
  return `limits: ${numbers.join(', ')}`;
}

function logRow(terminal: Terminal, name: string, value: string): void {
  terminal.log(`  ${terminal.style('bold', name.padEnd(12))}${value}`);
}
