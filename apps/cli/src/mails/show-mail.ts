/** `mails show`: one mail with its recipients, attempts and receipt; its content only when it is asked for. */
import { Command, type CommandUnknownOpts } from '@commander-js/extra-typings';
import type { MailRecord } from '@posthouse/contract';
import { type CommandContext, examples, json } from '../command.ts';
import { styled } from '../terminal-text.ts';
import { idArgument, readCatalogue, readMail, withMails } from './mail-access.ts';
import { mailLines } from './mail-text.ts';

/** The command `mails show`. */
export function showMail(context: CommandContext): CommandUnknownOpts {
  return new Command('show')
    .summary('show one mail')
    .description('Shows one mail with its recipients, attempts, receipt, and what was done to it.')
    .argument(...idArgument)
    .option('--content', 'also its content, with sensitive values masked; which these are is read from the templates')
    .option(...json('as GET /v1/mails/{id} answers, and "actions"'))
    .addHelpText('after', examples(['mails show 0199f1c2-7d3a-7c51-9b1e-3a5f0c9d2e41 --content', 'a mail with what it says']))
    .action(async (id, { content = false, json: asJson }) => {
      const { toIso, viewMail } = await import('@posthouse/queue');
      // Before the mail is read: without the templates it is unknown what to mask.
      const catalogue = content ? await readCatalogue(context) : undefined;
      const { record, copies, awaited } = await withMails(context, async (access) => {
        const found = await readMail(access, id, content);
        return { record: found, copies: await access.queue.copyIds(id), awaited: await access.awaited(found) };
      });
      const view = viewMail(record, copies, (name, data) => catalogue?.masked(name, data) ?? {});
      const actions = record.actions?.map(({ at, ...action }) => ({ at: toIso(at), ...action }));
      if (asJson) return context.print(JSON.stringify({ ...view, ...(actions !== undefined && { actions }) }));
      const lines = [mailLines(context, record, copies, awaited)];
      if (content) lines.push(`${styled(context, 'bold', 'Content')}\n${contentLines(record, view.content)}`);
      return context.print(lines.join('\n\n'));
    });
}

function contentLines({ contentState }: MailRecord, content: unknown): string {
  if (content === undefined) return contentState === 'deleted' ? '  It is deleted.' : '  It is not stored.';
  // As JSON: that escapes control characters.
  return JSON.stringify(content, null, 2)
    .replaceAll(/^/gm, '  ')
    .replaceAll(/[\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, '\ufffd');
}
