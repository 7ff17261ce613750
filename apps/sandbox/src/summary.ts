/** What `npm start` comes to: what happened, where to look, and how to send a mail of one's own. */
import { type FirstMail, firstMember } from './first-mail.ts';
import type { Urls } from './sandbox.ts';
import type { Terminal } from './terminal.ts';

/** Tells what became of the first mail. */
export function tellFirstMail(terminal: Terminal, first: FirstMail | { missing: string }): void {
  const who = `${firstMember.nickname} <${firstMember.email}> signed up`;
  terminal.tell('');
  if ('missing' in first) {
    terminal.tell(`✗ ${who}, but the welcome mail has not arrived.`);
    terminal.tell(`  ${first.missing}`);
    return;
  }
  terminal.tell(`✓ ${who}, and the welcome mail has arrived.`);
  terminal.tell('');
  row(terminal, 'Accepted', `in ${first.acceptedInMs} ms by POST /v1/mails`);
  row(terminal, 'Sent', `${first.sentAfterMs} ms later, through Redis and the worker to the relay, over verified TLS`);
  row(terminal, 'Relay said', first.response);
}

/** Where everything is, and what opens it. */
export interface StartupInfo {
  urls: Urls;
  /** Who may sign in to the dashboard. */
  operator: { name: string; password: string };
  /** Of the API. */
  key: string;
}

/** Tells where everything is. */
export function tellPlaces(terminal: Terminal, { urls: { pages, api, dashboard, redis }, operator, key }: StartupInfo): void {
  const mail = { to: 'you@example.com', template: 'signup', data: { nickname: 'You', email: 'you@example.com' } };
  const link = (url: string) => terminal.style('cyan', url);
  terminal.tell('');
  row(terminal, 'Sign up', link(pages));
  row(terminal, 'Inbox', link(`${pages}/inbox`));
  if (dashboard !== undefined)
    row(terminal, 'Dashboard', `${link(dashboard)}   sign in as ${operator.name}, password ${operator.password}`);
  row(terminal, 'API docs', link(`${api}/docs`));
  row(terminal, 'Redis', redis === undefined ? 'yours, by REDIS_URL' : `redis-cli -u ${redis}`);
  terminal.tell(`
  ${terminal.style('bold', 'Send one yourself, and see it in the inbox')}

  curl ${api}/v1/mails \\
    -H 'Authorization: Bearer ${key}' \\
    -H 'Content-Type: application/json' \\
    -d '${JSON.stringify(mail)}'

  ${terminal.style('dim', 'Ctrl-C stops everything.')}
`);
}

function row(terminal: Terminal, name: string, value: string): void {
  terminal.tell(`  ${terminal.style('bold', name.padEnd(12))}${value}`);
}
