/** `mails copy`: a new mail with the content of another one, by the rules of the dashboard. */
import { Command, type CommandUnknownOpts, InvalidArgumentError } from '@commander-js/extra-typings';
import { canonicalJson, limits, type Mailbox, type MailRecord, parseMailbox } from '@posthouse/contract';
import type { Catalogue } from '@posthouse/templates/catalogue';
import { type CommandContext, CommandError, examples, json } from '../command.ts';
import { isConfirmed, yesOption } from '../confirmation.ts';
import { commandLineUser } from '../queue-connection.ts';
import { idArgument, type MailAccess, readCatalogue, readMail, withMails } from './mail-access.ts';
import { recipientNames } from './mail-text.ts';

const refusals = {
  'content-incomplete':
    'The content of this mail is not stored completely any more: sensitive values and attachments are deleted once a mail is sent. The application must request it again.',
  'sensitive-content':
    'The content of this mail has sensitive values, so a copy goes to its recipients only. The application must request a mail to another address.',
  'template-unusable':
    'The template of this mail has changed or is gone, and does not take its data. The application must request the mail again.',
  'copied-meanwhile':
    'Somebody else has sent a copy in the meantime: `posthouse mails show` lists it. If another one is needed all the same, copy again.',
} as const;

/** The command `mails copy`. */
export function copyMail(context: CommandContext): CommandUnknownOpts {
  return new Command('copy')
    .summary('send a copy of a mail')
    .description(
      'Sends a new mail with the same content, with an id and a Message-ID of its own. The original and its history stay as they are. A content with ' +
        'sensitive values goes to recipients of the original only.',
    )
    .argument(...idArgument)
    .option('--to <address>', 'a corrected address, in place of all recipients; may be repeated', parseAddress)
    .option(...yesOption)
    .option(...json('{ "id", "copyOf", "state" }'))
    .addHelpText(
      'after',
      examples(['mails copy 0199f1c2-7d3a-7c51-9b1e-3a5f0c9d2e41 --to a@example.com', 'the same mail, to the right address']),
    )
    .action(async (original, { to, yes = false, json: asJson }) => {
      const catalogue = await readCatalogue(context);
      const copy = await withMails(context, (access) => send(context, access, original, { to, yes, catalogue }));
      const { id, state } = copy;
      context.print(asJson ? JSON.stringify({ id, copyOf: original, state }) : `The copy ${id} is ${state}.`);
    });
}

interface CopyOptions {
  to: readonly Mailbox[] | undefined;
  yes: boolean;
  catalogue: Catalogue;
}

async function send(context: CommandContext, access: MailAccess, id: string, { to, yes, catalogue }: CopyOptions): Promise<MailRecord> {
  const { copyAction, copyClaimant, likeRecipients, newCopy, newMailId, newRecord } = await import('@posthouse/queue');
  const { queue, audit } = access;
  const original = await readMail(access, id, true);
  const [latest = '', ...others] = await queue.copyIds(id);
  const by = commandLineUser();
  const now = await queue.now();
  const recipients = to && likeRecipients(original, to);
  const copy = newCopy(original, { recipients, by, hasSensitive: (content) => catalogue.hasSensitive(content) }, now);
  if (typeof copy === 'string') throw refused(copy);
  if (!catalogue.accepts(copy.content)) throw refused('template-unusable');
  const made = newRecord(newMailId(), copy, now);
  const earlier = latest === '' ? '' : ` Copies were sent before: ${[latest, ...others].join(', ')}.`;
  const effect = `A new mail with the same content is sent.${earlier}\n${recipientNames(made.recipients)}`;
  if (!(await isConfirmed(context, yes, effect))) throw new CommandError('not-confirmed', 'Nothing was sent.');
  // Of two users who confirm at the same time only one sends a copy, also where the other one uses the dashboard.
  const written = made.recipients.map(({ address }) => address).join(', ');
  const claim = await queue.acceptOnce(
    made,
    { apiKey: copyClaimant, key: `${id} ${latest}`, request: canonicalJson({ to: written }) },
    made.id,
  );
  if (claim.status !== 'claimed') throw refused('copied-meanwhile');
  await audit.append({ ...by, action: copyAction, target: id, detail: `copy ${made.id}${to === undefined ? '' : ` to ${written}`}` });
  return made;
}

function refused(code: keyof typeof refusals): CommandError {
  return new CommandError(code, `${refusals[code]} Nothing was sent.`);
}

/** @throws InvalidArgumentError */
function parseAddress(text: string, previous: readonly Mailbox[] = []): Mailbox[] {
  const mailbox = parseMailbox(text);
  if (mailbox === undefined) throw new InvalidArgumentError('An address such as anne@example.com.');
  if (previous.length >= limits.recipients) throw new InvalidArgumentError(`At most ${limits.recipients} recipients.`);
  return [...previous, mailbox];
}
