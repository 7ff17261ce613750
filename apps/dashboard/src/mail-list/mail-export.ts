/**
 * `/mails/export.csv` and `/mails/export.json`: all mails of a filter, newest first, as a file. A page of mails is read when the client has
 * taken the one before, so that the memory needed does not depend on the number of mails or on how slowly they are read.
 */
import { Readable } from 'node:stream';
import { limits, type MailFilter } from '@posthouse/contract';
import { AuditLog, type MailList, type MailSummary, type RequestConnection } from '@posthouse/queue';
import { HttpError } from '@posthouse/web';
import { stringify } from 'csv-stringify/sync';
import type { FastifyPluginAsync } from 'fastify';
import { mailsUrl, readMailSearch } from '../mails/mail-search.ts';
import { actorOf } from '../ui/page-context.ts';
import { t } from '../ui/translate.ts';
import type { MailSubjects } from './mail-subjects.ts';

/** The formats, by the end of the file's name. */
const formats = {
  csv: { type: 'text/csv; charset=utf-8', write: csvOf },
  json: { type: 'application/json; charset=utf-8', write: jsonOf },
} as const;

/** The URL of an export. */
export function exportUrl(filter: MailFilter, format: keyof typeof formats): string {
  return mailsUrl(filter).replace('/mails', `/mails/export.${format}`);
}

/** @returns the routes, as a plugin. A viewer reads mail by mail; an export takes all addresses at once, so it requires an operator */
export function mailExportRoutes(connection: RequestConnection, list: MailList, subjects: MailSubjects): FastifyPluginAsync {
  const audit = new AuditLog(connection);
  const { exportStall } = connection.timings.dashboard;
  let active = 0;

  return async (app) => {
    for (const format of Object.keys(formats) as (keyof typeof formats)[]) {
      const { type } = formats[format];
      app.get<{ Querystring: Record<string, unknown> }>(
        `/mails/export.${format}`,
        { config: { role: 'operator' } },
        async (request, reply) => {
          const { filter, issues } = readMailSearch(request.query, request.context.time.zone);
          if (issues.length > 0) throw new HttpError(400, t('Invalid filter'), t('Correct it in the list of mails, and export again.'));
          if (active >= limits.exports.active) {
            const advice = t('This dashboard writes {max} files at a time. Try again when one is complete.', {
              max: limits.exports.active,
            });
            throw new HttpError(429, t('Too many exports'), advice, exportStall / 1000);
          }
          active++;
          reply.raw.once('close', () => {
            active--;
          });
          const conditions = mailsUrl(filter).slice('/mails?'.length);
          const detail = conditions === '' ? 'all mails' : decodeURIComponent(conditions.replaceAll('+', ' '));
          await audit.append({ ...actorOf(request), action: 'export mails', target: format.toUpperCase(), detail });
          reply.raw.setTimeout(exportStall, () => reply.raw.destroy());
          const name = `mails-${new Date().toISOString().slice(0, 16).replaceAll(':', '')}.${format}`;
          return reply
            .type(type)
            .header('content-disposition', `attachment; filename="${name}"`)
            .header('cache-control', 'no-store')
            .send(Readable.from(exportText(format, list.pages(filter, limits.exports.pageMails), subjects)));
        },
      );
    }
  };
}

type Pages = AsyncIterable<readonly MailSummary[]>;

/** The text of a file, in pieces of one page of mails. A piece is made when it is asked for. */
export function exportText(format: keyof typeof formats, pages: Pages, subjects: MailSubjects): AsyncGenerator<string> {
  return formats[format].write(pages, subjects);
}

/** RFC 4180, with a byte order mark: without it Excel reads UTF-8 as something else. */
async function* csvOf(pages: Pages, subjects: MailSubjects): AsyncGenerator<string> {
  const options = { columns: [...columns], record_delimiter: 'windows', escape_formulas: true, cast: { boolean: String } } as const;
  yield stringify([], { ...options, header: true, bom: true });
  for await (const mails of pages) yield stringify(await rowsOf(mails, subjects, (list) => list.join(', ')), options);
}

/** One list of objects, one a line. */
async function* jsonOf(pages: Pages, subjects: MailSubjects): AsyncGenerator<string> {
  let separator = '[\n';
  for await (const mails of pages) {
    const rows = await rowsOf(mails, subjects, (list) => list);
    yield separator + rows.map((row) => JSON.stringify(row)).join(',\n');
    separator = ',\n';
  }
  yield separator === '[\n' ? '[]\n' : '\n]\n';
}

const columns = [
  ...['id', 'subject', 'recipients', 'state', 'partlySent', 'template', 'locale', 'priority', 'tags', 'provider', 'reason'],
  ...['attempts', 'deferrals', 'receivedAt', 'dueAt', 'endedAt', 'unreadable'],
] as const;

async function rowsOf<List>(mails: readonly MailSummary[], subjects: MailSubjects, listOf: (texts: readonly string[]) => List) {
  const known = await subjects.of(mails.map(({ id }) => id));
  const time = (at: number | undefined) => (at === undefined ? undefined : new Date(at).toISOString());
  return mails.map((mail) => ({
    id: mail.id,
    subject: known.get(mail.id),
    recipients: listOf(mail.recipients.map(({ address }) => address)),
    state: mail.state,
    partlySent: mail.partial,
    template: mail.template,
    locale: mail.locale,
    priority: mail.priority,
    tags: listOf(mail.tags),
    provider: mail.provider,
    reason: mail.reason,
    attempts: mail.attemptCount,
    deferrals: mail.deferralCount,
    receivedAt: time(mail.createdAt),
    dueAt: time(mail.dueAt),
    endedAt: time(mail.endedAt),
    unreadable: mail.error,
  }));
}
