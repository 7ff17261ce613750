/** `mails`: the mails in Redis, without the API. */
import { Command, type CommandUnknownOpts } from '@commander-js/extra-typings';
import type { CommandContext } from '../command.ts';
import { cancelMail, retryMail } from './change-mail.ts';
import { copyMail } from './copy-mail.ts';
import { listMails } from './list-mails.ts';
import { showMail } from './show-mail.ts';

/** The group `mails`. */
export function mails(context: CommandContext): CommandUnknownOpts {
  return new Command('mails')
    .summary('list, show, retry, cancel and copy mails')
    .description(
      'Mails, straight from Redis. Reads REDIS_URL and POSTHOUSE_SECRET. Actions have the rules of the dashboard, and are in the audit log with the user of the operating system.',
    )
    .addCommand(listMails(context))
    .addCommand(showMail(context))
    .addCommand(retryMail(context))
    .addCommand(cancelMail(context))
    .addCommand(copyMail(context));
}
