/**
 * `send`: one mail of a template, through the API as an application sends it: with its checks, the rights and the rate of the key, and an
 * idempotency key.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { Command, type CommandUnknownOpts, InvalidArgumentError } from '@commander-js/extra-typings';
import type { MailRecord, Posthouse } from '@posthouse/client';
import { idempotencyKeyRule, isFinal, isIdempotencyKey } from '@posthouse/contract';
import { type CommandContext, CommandError, examples, json } from './command.ts';
import { parseAssignment, readData } from './mail-data.ts';
import { facts, oneLine } from './terminal-text.ts';

const repeated = (text: string, previous: readonly string[] = []) => [...previous, text];

/** The command `send`. */
export function send(context: CommandContext): CommandUnknownOpts {
  return new Command('send')
    .summary('send a mail of a template')
    .description(
      'Sends a mail of a template through the API, as an application does. Reads POSTHOUSE_URL and POSTHOUSE_KEY. Without --idempotency-key each call ' +
        'sends a mail of its own.',
    )
    .argument('<template>', 'name of the template')
    .requiredOption('--to <address>', 'recipient; may be repeated', repeated)
    .option('--data <file>', 'the data as JSON; - reads stdin')
    .option('--set <name=text>', 'one field of the data, name:=json for anything that is not a text; may be repeated', parseAssignment)
    .option('--locale <tag>', 'a BCP 47 tag such as ko')
    .option('--from <address>', 'sender; by default MAIL_FROM of the API')
    .option('--tag <tag>', 'may be repeated', repeated)
    .option('--idempotency-key <key>', 'repeated within 24 hours with the same key, nothing is sent again', parseIdempotencyKey)
    .option('--wait', 'waits until the mail is sent or has failed, and shows the receipt; 1 where it was not sent')
    .option(...json('{ "id", "state", "locale" }; with --wait as GET /v1/mails/{id} answers'))
    .addHelpText(
      'after',
      examples(
        ['send signup --to anne@example.com --data anne.json --wait', 'one mail, and what the relay replied'],
        ['send receipt --to a@example.com --data 7.json --idempotency-key r:7', 'at most one, however often it is run'],
      ),
    )
    .action(async (template, options) => {
      const { to, data: file, set = [], locale, from, tag, idempotencyKey, wait, json: asJson } = options;
      const data = await readData(context, file, set);
      const { Posthouse, PosthouseError } = await import('@posthouse/client');
      const { mails } = new Posthouse(context.readClientConfig());
      const fields = {
        ...(locale !== undefined && { locale }),
        ...(from !== undefined && { from }),
        ...(tag !== undefined && { tags: tag }),
      };
      const orRefusal = (error: unknown): never => {
        throw error instanceof PosthouseError ? asCommandError(error) : error;
      };
      const accepted = await mails.send({ to, template, data, ...fields }, { idempotencyKey }).catch(orRefusal);
      if (wait !== true) return context.print(asJson ? JSON.stringify(accepted) : `The mail ${accepted.id} is ${accepted.state}.`);
      const mail = await ended(context, mails, accepted.id).catch(orRefusal);
      return context.print(asJson ? JSON.stringify(mail) : mailText(mail), mail.state === 'sent' ? 0 : 1);
    });
}

/** Reads the mail until it is in a final state. @throws CommandError where that takes too long */
async function ended(context: CommandContext, mails: Posthouse['mails'], id: string): Promise<MailRecord> {
  const { durations, stderr } = context;
  const { mailPoll, mailWait } = durations.timings.commandLine;
  const until = Date.now() + mailWait;
  if (stderr.isTTY) stderr.write(`Waiting for mail ${id} …\n`);
  for (;;) {
    const mail = await mails.get(id);
    if (isFinal(mail.state)) return mail;
    if (Date.now() >= until) {
      const why = mail.reason === undefined ? '' : `, last reason ${mail.reason}`;
      const waitsFor = await awaitedBy(context, id);
      throw new CommandError(
        'still-waiting',
        `The mail ${id} is still ${mail.state}${why}.${waitsFor} It is sent when it can be: \`posthouse mails show ${id}\`.`,
      );
    }
    await sleep(mailPoll);
  }
}

/** What it waits for, as the queue knows it; nothing where the settings of the queue are not here. */
async function awaitedBy(context: CommandContext, id: string): Promise<string> {
  const { readMail, withMails } = await import('./mails/mail-access.ts');
  const { awaitedLines } = await import('./mails/mail-text.ts');
  const awaited = await withMails(context, async (access) => access.awaited(await readMail(access, id))).catch(() => []);
  return awaitedLines(awaited)
    .map((line) => ` It waits for ${line}.`)
    .join('');
}

function mailText({ id, state, partial, receipt, recipients }: MailRecord): string {
  const outcome = recipients.map(({ address, state: its, reason }) => `${oneLine(address)}  ${its}  ${reason ?? ''}`.trimEnd());
  return facts([
    ['Id', id],
    ['State', `${state}${partial ? ', to some recipients only' : ''}${state === 'sent' ? ' (accepted by the relay)' : ''}`],
    ['Recipients', outcome.join('\n')],
    ['Receipt', receipt && `${receipt.at} ${receipt.provider}: ${oneLine(receipt.response)}`],
  ]);
}

/** One issue for each that the API named. */
function asCommandError(error: InstanceType<typeof import('@posthouse/client')['PosthouseError']>): CommandError {
  const { code, title, detail, issues, mayHaveBeenAccepted, idempotencyKey } = error;
  const again = mayHaveBeenAccepted ? ` It may have been accepted: run the command again with --idempotency-key ${idempotencyKey}.` : '';
  const listed = issues.map((issue) => ({
    code: issue.code,
    message: `${issue.pointer || 'the request'} ${issue.message}.`.replace(/\.\.$/, '.') + adviceFor(issue),
  }));
  return new CommandError([{ code, message: `${title}: ${detail}${again}` }, ...listed]);
}

/** How a missing field of the data is given on the command line. */
function adviceFor({ code, pointer }: { code: string; pointer: string }): string {
  const [, name] = /^\/data\/([\w-]+)$/.exec(pointer) ?? [];
  return code === 'missing' && name !== undefined ? ` Add --set ${name}=<text>, or --data <file> with all the data.` : '';
}

/** @throws InvalidArgumentError */
function parseIdempotencyKey(key: string): string {
  if (!isIdempotencyKey(key)) throw new InvalidArgumentError(`It must have ${idempotencyKeyRule}.`);
  return key;
}
