/** What the commands about mails share: reaching the queue, reading one mail, and the templates that say what is sensitive. */
import { resolve } from 'node:path';
import { InvalidArgumentError } from '@commander-js/extra-typings';
import { isFinal, type MailRecord } from '@posthouse/contract';
import type { AuditLog, MailList, MailQueue, ProviderStatus } from '@posthouse/queue';
import type { Catalogue } from '@posthouse/templates/catalogue';
import { type CommandContext, CommandError } from '../command.ts';
import { withRequests } from '../queue-connection.ts';

/** What works on mails. */
export interface MailAccess {
  queue: MailQueue;
  list: MailList;
  audit: AuditLog;
  /** The providers that are down, where a mail waits for one of them; as the dashboard shows it. */
  awaited: (mail: MailRecord) => Promise<ProviderStatus[]>;
}

/** Calls `work` with a connection to the queue. @throws CommandError also where a record cannot be read */
export async function withMails<T>(context: CommandContext, work: (access: MailAccess) => Promise<T>): Promise<T> {
  const { AuditLog, awaitedProviders, MailList, MailQueue, Pauses, QueueOverview, RecordError, waitsForProvider } = await import(
    '@posthouse/queue'
  );
  return await withRequests(context, (connection) =>
    work({
      queue: new MailQueue(connection),
      list: new MailList(connection),
      audit: new AuditLog(connection),
      awaited: async (mail) => {
        const pauses = new Pauses(connection);
        if (isFinal(mail.state) || (await pauses.of(mail)).length > 0) return [];
        const [providers, all] = await Promise.all([new QueueOverview(connection).providers(), pauses.list()]);
        const awaited = awaitedProviders(providers, all.pauses);
        return waitsForProvider(mail.nextAttemptAt ?? mail.dueAt, awaited) ? awaited : [];
      },
    }),
  ).catch((error: Error) => {
    throw error instanceof RecordError ? new CommandError('record-unreadable', `The mail cannot be read: ${error.message}.`) : error;
  });
}

/** Reads one mail. @throws CommandError when there is none, RecordError when it cannot be read */
export async function readMail({ queue }: MailAccess, id: string, withContent = false): Promise<MailRecord> {
  const record = await queue.read(id, withContent);
  if (record === undefined) throw mailNotFound(id);
  return record;
}

/** The error for an id without a record. */
export function mailNotFound(id: string): CommandError {
  return new CommandError('not-found', `No mail has the id ${id}, or its record has expired.`);
}

/** Which values of template data are sensitive. @throws CommandError where the templates cannot be read */
export async function readCatalogue(context: CommandContext): Promise<Catalogue> {
  const { loadCatalogue, TemplateError } = await import('@posthouse/templates/catalogue');
  return await loadCatalogue(resolve(context.folder, context.readTemplatesDir())).catch((error: Error) => {
    throw error instanceof TemplateError ? new CommandError('invalid-templates', error.message) : error;
  });
}

/** The argument that names a mail. */
export const idArgument = ['<id>', 'of the mail', parseId] as const;

/** @throws InvalidArgumentError */
function parseId(text: string): string {
  const id = text.trim().toLowerCase();
  if (/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id)) return id;
  throw new InvalidArgumentError('The id of a mail has 32 hex digits and 4 dashes, as `mails list` shows it.');
}
