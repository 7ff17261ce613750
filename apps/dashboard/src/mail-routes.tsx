/** `/mails/:id`: one mail, its message in a document of its own, and what people wish of it. */

import { composeMessage, type OutgoingMessage } from '@posthouse/delivery';
import { viewOf, widthOf } from '@posthouse/mailview';
import { AuditLog, MailList, MailQueue, mailActions } from '@posthouse/queue';
import { HttpError, sendPage } from '@posthouse/web';
import type { FastifyPluginAsync, FastifyRequest } from 'fastify';
import { actorOf } from './actor.ts';
import type { DashboardParts } from './dashboard-parts.ts';
import { consumeActionFlash, setActionFlash } from './flash-cookie.ts';
import { sendLive } from './live-stream.ts';
import { documentOf, headersOf, type MailMessage, messageOf, templateSetNotice } from './mail-message.ts';
import { followMail } from './mail-watch.ts';
import type { MailMessageProps } from './pages/mail-message-card.tsx';
import { MailPage } from './pages/mail-page.tsx';
import { MailStatusSection } from './pages/mail-status.tsx';
import { SealedMailPage } from './pages/sealed-mail-page.tsx';
import { decryptMail, type ReadableMail } from './read-mail.ts';

interface OneMail {
  Params: { id: string };
  Querystring: { view?: unknown; width?: unknown; images?: unknown };
}

/** The routes. */
export function mailRoutes({ connection, renderer }: DashboardParts): FastifyPluginAsync {
  const queue = new MailQueue(connection);
  const list = new MailList(connection);
  const audit = new AuditLog(connection);

  return async (app) => {
    app.get<OneMail>('/mails/:id', async (request, reply) => {
      const { context, params } = request;
      const opened = await open(params.id);
      const flash = consumeActionFlash(request, reply, params.id);
      if ('summary' in opened) return sendPage(reply, <SealedMailPage context={context} mail={opened.summary} flash={flash} />);
      const content = await contentOf(request, opened);
      return sendPage(reply, <MailPage context={context} record={opened.record} content={content} flash={flash} />);
    });

    app.get<OneMail>('/mails/:id/message', async (request, reply) => {
      const { html, csp } = await documentOf(await messageTo(request.params.id), { remoteImages: request.query.images === 'remote' });
      return reply.type('text/html; charset=utf-8').header('content-security-policy', csp).header('cache-control', 'no-store').send(html);
    });

    app.get<OneMail>('/mails/:id/source', async ({ params }, reply) => {
      const bytes = await composeMessage(await messageTo(params.id));
      const disposition = `attachment; filename="${params.id}.eml"`;
      return reply.type('message/rfc822').header('content-disposition', disposition).header('cache-control', 'no-store').send(bytes);
    });

    app.get<OneMail>('/mails/:id/live', (request, reply) =>
      sendLive(request, reply, async function* (gone) {
        for await (const record of followMail(queue, request.params.id, gone)) {
          yield await (<MailStatusSection context={request.context} record={record} />);
        }
      }),
    );

    app.post<OneMail & { Body: { action?: unknown } }>('/mails/:id/actions', { config: { role: 'operator' } }, async (request, reply) => {
      const { id } = request.params;
      const action = mailActions.find((known) => known === request.body?.action);
      if (action === undefined) throw new HttpError(400, 'This wish is not known', `A mail can be wished: ${mailActions.join(', ')}.`);
      const applied = await queue.apply(id, action);
      if (applied === undefined) throw noMail();
      const { changed, state } = applied;
      const detail = changed ? `it is ${state}` : `nothing changed: it is ${state}`;
      await audit.append({ ...actorOf(request), action: action, target: id, detail });
      setActionFlash(request, reply, id, { action, applied: changed });
      return reply.redirect(`/mails/${id}`, 303);
    });
  };

  async function open(id: string): Promise<ReadableMail> {
    const opened = await decryptMail(queue, list, id);
    if (opened === undefined) throw noMail();
    return opened;
  }

  function messageIn(opened: Exclude<ReadableMail, { summary: unknown }>): MailMessage {
    const { record, contentFault } = opened;
    return contentFault === undefined ? messageOf(record, renderer) : { seen: 'fault', why: contentFault };
  }

  async function messageTo(id: string): Promise<OutgoingMessage> {
    const opened = await open(id);
    const message = 'summary' in opened ? undefined : messageIn(opened);
    if (message?.seen === 'message') return message.message;
    throw new HttpError(404, 'There is no message to show', 'The page of the mail says why.');
  }

  async function contentOf(
    { context, query }: FastifyRequest<OneMail>,
    opened: Exclude<ReadableMail, { summary: unknown }>,
  ): Promise<MailMessageProps> {
    const { record } = opened;
    const message = messageIn(opened);
    const view = viewOf(query.view, message.seen === 'message' && message.message.html !== undefined);
    const needsBytes = message.seen === 'message' && (view === 'headers' || view === 'source');
    const bytes = needsBytes ? await composeMessage(message.message) : undefined;
    return {
      ...{ context, message, view },
      id: record.id,
      templateSetNotice: templateSetNotice(record, renderer),
      width: widthOf(query.width),
      remoteImages: query.images === 'remote',
      bytes,
      headers: bytes && (await headersOf(bytes)),
    };
  }
}

function noMail(): HttpError {
  return new HttpError(404, 'There is no such mail', 'No mail has this id, or its record was kept long enough and is gone.');
}
