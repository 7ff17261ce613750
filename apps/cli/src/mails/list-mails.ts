/** `mails list`: mails by filter, newest first, in pages. */
import { Command, type CommandUnknownOpts, InvalidArgumentError, Option } from '@commander-js/extra-typings';
import { mailFilterNames, mailStates, priorities, readMailFilter } from '@posthouse/contract';
import type { MailPage } from '@posthouse/queue';
import { type CommandContext, examples, json, UsageError } from '../command.ts';
import { timeText } from '../terminal-text.ts';
import { withMails } from './mail-access.ts';
import { listedLines } from './mail-text.ts';

type FilterName = (typeof mailFilterNames)[number];

const descriptions: Readonly<Record<FilterName, string>> = {
  state: `one or several of ${mailStates.join(', ')}; separate them with commas`,
  template: 'name of the template',
  recipient: 'an address, a domain, or the part before the @ with it: anne@',
  tag: 'one tag, in full',
  provider: 'provider of the latest delivery attempt',
  reason: 'reason code of a failing mail: "550 5.1.1", ECONNREFUSED',
  apiKey: 'name of the API key that the mail was sent with',
  group: 'a failure group, as `--json` shows it',
  bulk: 'id of the bulk action that changed the mail last',
  priority: `one of ${priorities.join(', ')}`,
  partial: 'sent to some recipients and rejected by others',
  metadata: 'a value of the metadata, in full',
  messageId: 'Message-ID of a message that was sent as content.raw',
  from: 'accepted at this time or later: 2026-11-22T09:00:00Z',
  to: 'accepted at this time or earlier',
};

/** The command `mails list`. */
export function listMails(context: CommandContext): CommandUnknownOpts {
  const command = new Command('list')
    .summary('list mails, newest first')
    .description('Lists mails, newest first. Several filters must all match.')
    .option('--limit <count>', 'mails on a page, 1 to 100', parseLimit, 20)
    .option('--cursor <cursor>', 'the page after another one, as its end says')
    .option(...json('as GET /v1/mails answers'))
    .addHelpText(
      'after',
      examples(
        ['mails list --state failed,uncertain --template signup', 'sign-up mails that need a person'],
        ['mails list --recipient example.com --json | jq -r .mails[].id', 'the ids of mails to a domain'],
      ),
    );
  for (const name of mailFilterNames) {
    const option = new Option(flagsOf(name), descriptions[name]).helpGroup('Filters:');
    command.addOption(name === 'partial' ? option : option.argParser((text) => checkedValue(name, text)));
  }
  return command.action(async (options) => {
    const { limit, cursor, json: asJson } = options;
    const { filter } = readMailFilter({ ...options, ...('partial' in options && { partial: 'true' }) });
    const { CursorError, toIso, viewListed } = await import('@posthouse/queue');
    const page = await withMails(context, async ({ list }) => list.page(filter, { limit, ...(cursor !== undefined && { cursor }) })).catch(
      (error: Error) => {
        throw error instanceof CursorError ? new UsageError('invalid-value', '--cursor is not the end of a page.') : error;
      },
    );
    const { mails, next, searchedTo } = page;
    if (!asJson) return context.print(pageText(context, page));
    const more = { ...(next !== undefined && { next }), ...(searchedTo !== undefined && { searchedTo: toIso(searchedTo) }) };
    return context.print(JSON.stringify({ mails: mails.map(viewListed), ...more }));
  });
}

function pageText(context: CommandContext, { mails, next, searchedTo }: MailPage): string {
  const lines = mails.map((mail) => listedLines(context, mail));
  if (mails.length === 0) lines.push('No matching mails.');
  if (searchedTo !== undefined) lines.push(`Searched back to ${timeText(searchedTo)}; older mails were not checked yet.`);
  if (next !== undefined) lines.push(`Older mails: the same command with --cursor ${next}`);
  return lines.join('\n');
}

/** @throws InvalidArgumentError */
function checkedValue(name: FilterName, text: string): string {
  const [issue] = readMailFilter({ [name]: text }).issues;
  if (issue !== undefined) throw new InvalidArgumentError(`It ${issue.message}.`);
  return text;
}

/** `--api-key` of `apiKey`. */
function flagOf(name: FilterName): string {
  return `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

function flagsOf(name: FilterName): string {
  return name === 'partial' ? '--partial' : `${flagOf(name)} <${name === 'from' || name === 'to' ? 'time' : 'value'}>`;
}

/** @throws InvalidArgumentError */
function parseLimit(text: string): number {
  const limit = Number(text);
  if (/^\d{1,3}$/.test(text) && limit >= 1 && limit <= 100) return limit;
  throw new InvalidArgumentError('A whole number from 1 to 100.');
}
