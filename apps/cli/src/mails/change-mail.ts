/** `mails retry` and `mails cancel`: the actions of the dashboard on one mail, with their confirmations and entries of the audit log. */
import { Command, type CommandUnknownOpts } from '@commander-js/extra-typings';
import type { MailRecord, Recipient } from '@posthouse/contract';
import type { MailAction } from '@posthouse/queue';
import { type CommandContext, CommandError, examples, json } from '../command.ts';
import { isConfirmed, yesOption } from '../confirmation.ts';
import { commandLineUser } from '../queue-connection.ts';
import { idArgument, mailNotFound, readMail, withMails } from './mail-access.ts';
import { recipientNames } from './mail-text.ts';

/** What the confirmation says, which recipients it is about, and what is said where nothing can be done. */
interface ActionText {
  effect: string;
  concerns: (recipient: Recipient) => boolean;
  done: string;
  impossible: string;
}

const texts: Readonly<Record<'retry' | 'cancel' | 'sendAgain', ActionText>> = {
  retry: {
    effect: 'The mail is queued again for the recipients that were rejected, and its schedule of attempts starts over.',
    concerns: ({ state }) => state === 'rejected',
    done: 'Queued again for rejected recipients.',
    impossible: 'only rejected recipients of a mail whose content is still stored can be sent to again',
  },
  cancel: {
    effect: 'The mail is not sent to the recipients that do not have it yet, and its content is deleted. This cannot be undone.',
    concerns: ({ state }) => state === 'pending',
    done: 'Cancelled.',
    impossible: 'it can be cancelled only before its message is sent',
  },
  sendAgain: {
    effect: 'The mail is queued again with the same Message-ID. If it has arrived after all, the recipient gets a duplicate.',
    concerns: ({ state }) => state === 'pending',
    done: 'Queued again for recipients whose outcome is unknown.',
    impossible: 'only an uncertain mail can be sent again; another user may have resolved it already',
  },
};

/** The command `mails retry`. */
export function retryMail(context: CommandContext): CommandUnknownOpts {
  return new Command('retry')
    .summary('send a failed mail again')
    .description('Sends a failed or partly sent mail again, to the recipients that were rejected. Nobody who has it gets it again.')
    .argument(...idArgument)
    .option('--uncertain', 'also a mail that may have arrived: then the recipient gets a duplicate')
    .option(...yesOption)
    .option(...json('{ "id", "state", "changed" }'))
    .addHelpText('after', examples(['mails retry 0199f1c2-7d3a-7c51-9b1e-3a5f0c9d2e41 --yes', 'in a script, where nobody can be asked']))
    .action(async (id, { uncertain = false, yes = false, json: asJson = false }) => {
      const pick = ({ state }: MailRecord) => {
        if (state !== 'uncertain') return 'retry';
        if (uncertain) return 'sendAgain';
        throw new CommandError(
          'outcome-unknown',
          'This mail is uncertain: it was sent and no reply came, so it may have arrived. With --uncertain it is sent again all the same.',
        );
      };
      context.print(await change(context, id, pick, { yes, asJson }));
    });
}

/** The command `mails cancel`. */
export function cancelMail(context: CommandContext): CommandUnknownOpts {
  return new Command('cancel')
    .summary('cancel a mail before it is sent')
    .description('Cancels a mail before its message is sent.')
    .argument(...idArgument)
    .option(...yesOption)
    .option(...json('{ "id", "state", "changed" }'))
    .action(async (id, { yes = false, json: asJson = false }) => {
      context.print(await change(context, id, () => 'cancel', { yes, asJson }));
    });
}

async function change(
  context: CommandContext,
  id: string,
  pick: (record: MailRecord) => keyof typeof texts & MailAction,
  { yes, asJson }: { yes: boolean; asJson: boolean },
): Promise<string> {
  const { idempotentStates } = await import('@posthouse/queue');
  return await withMails(context, async (access) => {
    const record = await readMail(access, id);
    const action = pick(record);
    const { effect, concerns, done, impossible } = texts[action];
    const recipients = record.recipients.filter(concerns);
    // Where nothing can be done the queue refuses it: nothing has to be confirmed.
    const isNeedless = action !== 'sendAgain' && idempotentStates[action].includes(record.state);
    const mustConfirm = !isNeedless && recipients.length > 0;
    if (mustConfirm && !(await isConfirmed(context, yes, `${effect}\n${recipientNames(recipients)}`)))
      throw new CommandError('not-confirmed', 'Nothing was changed.');
    const by = commandLineUser();
    const result = await access.queue.apply(id, action, { by });
    if (result === undefined) throw mailNotFound(id);
    const { changed, state } = result;
    const detail = changed ? `now ${state}` : `nothing changed, still ${state}`;
    await access.audit.append({ ...by, action, target: id, detail });
    if (!changed && (action === 'sendAgain' || !idempotentStates[action].includes(state))) {
      const isSent = action === 'retry' && state === 'sent';
      const advice = isSent ? 'no recipient is left that it could be sent to again; `posthouse mails copy` sends it once more' : impossible;
      throw new CommandError(isSent ? 'already-sent' : 'mail-state-conflict', `This mail is ${state}: ${advice}. Nothing was changed.`);
    }
    if (asJson) return JSON.stringify({ id, state, changed });
    return changed ? done : `Nothing had to be changed: the mail is ${state}.`;
  });
}
