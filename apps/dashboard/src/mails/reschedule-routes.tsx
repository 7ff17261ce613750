/** `/mails/:id/reschedule`: a scheduled mail is sent at another time, which a form asks for. */
import { type MailRecord, scheduleIssues } from '@posthouse/contract';
import { AuditLog, MailQueue, type RequestConnection, rescheduleAction } from '@posthouse/queue';
import type { TemplateSource } from '@posthouse/templates/catalogue';
import type { Renderer } from '@posthouse/templates/render';
import { Notice, PageHead, sendPage, TextField } from '@posthouse/web';
import type { FastifyPluginAsync } from 'fastify';
import { stateLabel } from '../ui/badge.tsx';
import { Layout } from '../ui/layout.tsx';
import { actorOf, type PageContext } from '../ui/page-context.ts';
import { t } from '../ui/translate.ts';
import { rejectedText, rescheduleLabel, setActionFlash } from './mail-actions.ts';
import { mailTitle } from './mail-page.tsx';
import { mailNotFound } from './read-mail.ts';
import { readLocalTime, writeLocalTime } from './zoned-time.ts';

interface RescheduleRequest {
  Params: { id: string };
  Body: { at?: unknown };
}

interface ReschedulePageProps {
  context: PageContext;
  record: MailRecord;
  /** As it was entered; by default the present time, to the minute: a browser takes none with seconds of its own. */
  at?: string;
  error?: string;
}

/** @returns the routes, as a plugin */
export function rescheduleRoutes(connection: RequestConnection, templates: TemplateSource<Renderer>): FastifyPluginAsync {
  const queue = new MailQueue(connection);
  const audit = new AuditLog(connection);
  const path = `/mails/:id/${rescheduleAction}`;

  return async (app) => {
    app.get<RescheduleRequest>(path, { config: { role: 'operator' } }, async ({ context, params }, reply) =>
      sendPage(reply, <ReschedulePage context={context} record={await read(params.id)} />),
    );

    app.post<RescheduleRequest>(path, { config: { role: 'operator' } }, async (request, reply) => {
      const { context, params, body } = request;
      const { id } = params;
      const record = await read(id);
      const written = typeof body?.at === 'string' ? body.at : '';
      const at = readLocalTime(written, context.time.zone);
      const movesExpiry = templates.current.catalogue.expiresRelatively(record);
      const error = timeError(context, at, movesExpiry ? undefined : record.expiresAt, await queue.now());
      if (at === undefined || error !== undefined)
        return sendPage(reply.code(422), <ReschedulePage context={context} record={record} at={written} error={error as string} />);
      const result = await queue.reschedule(id, at, movesExpiry, { by: actorOf(request) });
      if (result === undefined) throw mailNotFound();
      const { changed, state } = result;
      const detail = changed ? `now ${state}, at ${new Date(at).toISOString()}` : `nothing changed, still ${state}`;
      await audit.append({ ...actorOf(request), action: rescheduleAction, target: id, detail });
      setActionFlash(request, reply, id, { action: rescheduleAction, applied: changed }, connection.timings.dashboard.flash);
      return reply.redirect(`/mails/${id}`, 303);
    });
  };

  async function read(id: string): Promise<MailRecord> {
    const record = await queue.read(id);
    if (record === undefined) throw mailNotFound();
    return record;
  }
}

/** What is wrong with a time. @param expiresAt of a mail that expires at a fixed time */
function timeError(context: PageContext, at: number | undefined, expiresAt: number | undefined, now: number): string | undefined {
  if (at === undefined) return t('Enter a date and a time.');
  if (scheduleIssues(at, now).length > 0) return t('It must be at most a year ahead.');
  if (expiresAt === undefined || at < expiresAt) return undefined;
  return t('The mail expires {time}, so it must be sent before.', { time: context.time.dateTime(expiresAt) });
}

function ReschedulePage({ context, record, at, error }: ReschedulePageProps): JSX.Element {
  const { id, state, dueAt } = record;
  const title = t('Reschedule this mail?');
  const { time } = context;
  return (
    <Layout context={context} title={title} here="/mails">
      <PageHead title={title} below={mailTitle(record)} />
      {state !== 'scheduled' && (
        <Notice tone="warn" title={t('This is not possible. State of the mail: {state}.', { state: stateLabel(state) })}>
          <p safe>{t(rejectedText.reschedule)}</p>
        </Notice>
      )}
      <form class="card stack" method="post" action={`/mails/${id}/${rescheduleAction}`}>
        {state === 'scheduled' && (
          <>
            <p safe>{t('It is now scheduled for {time}.', { time: time.dateTime(dueAt) })}</p>
            <TextField
              name="at"
              type="datetime-local"
              label={t('New time')}
              value={at ?? writeLocalTime(dueAt, time.zone).slice(0, '2026-11-22T09:00'.length)}
              hint={t('In your time zone, {zone}. A time in the past sends the mail now.', { zone: time.zone })}
              error={error}
              required
            />
          </>
        )}
        <div class="row">
          {state === 'scheduled' && (
            <button type="submit" class="button" safe>
              {t(rescheduleLabel)}
            </button>
          )}
          <a class="button quiet" href={`/mails/${id}`} safe>
            {t('Go back')}
          </a>
        </div>
      </form>
    </Layout>
  );
}
