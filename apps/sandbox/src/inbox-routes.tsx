/** The inbox: the list, kept fresh, and one mail in several views. */
import { once } from 'node:events';
import { type MessageView, messageDocument, viewMessage, viewOf, widthOf } from '@posthouse/mailview';
import type { FastifyPluginAsync } from 'fastify';
import { sendRegions } from './event-stream.ts';
import type { ArrivedMail, Inbox } from './inbox.ts';
import { pageContextOf } from './page-context.ts';
import { InboxPage, MailList } from './pages/inbox-page.tsx';
import { MailPage } from './pages/mail-page.tsx';
import { HttpError, sendPage } from './web-page.tsx';

interface OneMail {
  Params: { id: string };
  Querystring: { view?: unknown; width?: unknown };
}

/** The routes. */
export function inboxRoutes(inbox: Inbox): FastifyPluginAsync {
  return async (app) => {
    app.get('/inbox', (request, reply) => sendPage(reply, <InboxPage context={pageContextOf(request)} mails={inbox.list()} />));

    app.get('/inbox/events', (request, reply) => {
      const context = pageContextOf(request);
      return sendRegions(reply, async function* (gone) {
        for (;;) {
          const seen = inbox.received;
          const mails = inbox.list();
          yield { mails: await (<MailList context={context} mails={mails} />), count: context.translations.mails(mails.length) };
          // What arrived while that was sent is told at once; ten mails in a moment are told as one change.
          if (seen === inbox.received) await once(inbox, 'arrival', { signal: gone });
        }
      });
    });

    app.get<OneMail>('/inbox/:id', async (request, reply) => {
      const mail = mailOf(request.params.id);
      const message = await messageOf(mail);
      const view = viewOf(request.query.view, message?.html !== undefined);
      const width = widthOf(request.query.width);
      return sendPage(reply, <MailPage context={pageContextOf(request)} mail={mail} message={message} view={view} width={width} />);
    });

    app.get<OneMail>('/inbox/:id/html', async (request, reply) => {
      const message = await messageOf(mailOf(request.params.id));
      if (message === undefined) throw new HttpError(404);
      const { html, csp } = messageDocument(message);
      return reply.type('text/html; charset=utf-8').header('content-security-policy', csp).header('cache-control', 'no-store').send(html);
    });

    app.get<OneMail>('/inbox/:id/source', (request, reply) => {
      const { id, raw } = mailOf(request.params.id);
      return reply.type('message/rfc822').header('content-disposition', `attachment; filename="${id}.eml"`).send(raw);
    });
  };

  function mailOf(id: string): ArrivedMail {
    const mail = inbox.find(id);
    if (mail === undefined) throw new HttpError(404);
    return mail;
  }
}

/** Undefined for a message too strange to be taken apart. */
function messageOf({ raw }: ArrivedMail): Promise<MessageView | undefined> {
  return viewMessage(raw).catch(() => undefined);
}
