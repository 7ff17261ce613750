/** The routes of the inbox: the list with live updates, and one mail in several views. */
import { once } from 'node:events';
import { type MessageView, messageDocument, viewMessage, viewOf, widthOf } from '@posthouse/mailview';
import { HttpError, sendPage } from '@posthouse/web';
import type { FastifyPluginAsync } from 'fastify';
import { type Regions, sendRegions } from '../site/live-updates.ts';
import { type PageContext, pageContextOf } from '../site/page-context.ts';
import type { Inbox, ReceivedMail } from './inbox.ts';
import { InboxPage, MailList } from './inbox-page.tsx';
import { MailPage } from './mail-page.tsx';

interface MailRequest {
  Params: { id: string };
  Querystring: { view?: unknown; width?: unknown };
}

/** @param log writes a line to the terminal */
export function inboxRoutes(inbox: Inbox, log: (line: string) => void): FastifyPluginAsync {
  return async (app) => {
    app.get('/inbox', (request, reply) => {
      const context = pageContextOf(request);
      const mails = inbox.list();
      return sendPage(reply, <InboxPage context={context} mails={mails} count={countOf(context, mails)} />);
    });

    app.get('/inbox/events', (request, reply) => {
      const context = pageContextOf(request);
      async function* updates(closed: AbortSignal): AsyncGenerator<Regions> {
        for (;;) {
          const { receivedCount } = inbox;
          const mails = inbox.list();
          yield { mails: await (<MailList context={context} mails={mails} />), count: countOf(context, mails) };
          // Mails that arrived while this update was being sent go into the next one.
          if (receivedCount === inbox.receivedCount) await once(inbox, 'arrival', { signal: closed });
        }
      }
      return sendRegions(reply, updates, log);
    });

    app.get<MailRequest>('/inbox/:id', async (request, reply) => {
      const mail = mailOf(request.params.id);
      const message = await parseMessage(mail);
      const view = viewOf(request.query.view, message?.html !== undefined);
      const width = widthOf(request.query.width);
      return sendPage(reply, <MailPage context={pageContextOf(request)} mail={mail} message={message} view={view} width={width} />);
    });

    app.get<MailRequest>('/inbox/:id/html', async (request, reply) => {
      const message = await parseMessage(mailOf(request.params.id));
      if (message === undefined) throw new HttpError(404);
      const { html, csp } = messageDocument(message);
      return reply.type('text/html; charset=utf-8').header('content-security-policy', csp).header('cache-control', 'no-store').send(html);
    });

    app.get<MailRequest>('/inbox/:id/source', (request, reply) => {
      const { id, raw } = mailOf(request.params.id);
      return reply.type('message/rfc822').header('content-disposition', `attachment; filename="${id}.eml"`).send(raw);
    });
  };

  function countOf({ translations }: PageContext, { length }: readonly ReceivedMail[]): string {
    return inbox.hasDropped ? translations.newestMails(length) : translations.mails(length);
  }

  function mailOf(id: string): ReceivedMail {
    const mail = inbox.find(id);
    if (mail === undefined) throw new HttpError(404);
    return mail;
  }
}

/** @returns undefined for a malformed message */
function parseMessage({ raw }: ReceivedMail): Promise<MessageView | undefined> {
  return viewMessage(raw).catch(() => undefined);
}
