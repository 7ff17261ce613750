/** `/mails/:id`: the page of a mail, its message as a document of its own, its source, its live status, and the actions on it with their confirmation. */
import { isFinal, type MailRecord } from '@posthouse/contract';
import { composeMessage, type OutgoingMessage } from '@posthouse/delivery';
import { viewOf, views, widthOf, widths } from '@posthouse/mailview';
import { AuditLog, awaitedProviders, MailList, MailQueue, mailActions, Pauses, type RequestConnection } from '@posthouse/queue';
import type { TemplateSource } from '@posthouse/templates/catalogue';
import type { Renderer } from '@posthouse/templates/render';
import { HttpError, sendPage } from '@posthouse/web';
import type { FastifyPluginAsync, FastifyRequest } from 'fastify';
import { sendLiveSection } from '../ui/live-section.tsx';
import { actorOf } from '../ui/page-context.ts';
import type { SystemStatusReader } from '../ui/system-status.ts';
import { t } from '../ui/translate.ts';
import { choiceIn, type Query } from '../ui/url-parameters.ts';
import { ConfirmPage, confirmedActions } from './confirm-page.tsx';
import { consumeActionFlash, setActionFlash } from './mail-actions.ts';
import { documentOf, headersOf, type MailMessage, readableMessageOf, templateSetNotice } from './mail-message.ts';
import type { MailMessageProps } from './mail-message-card.tsx';
import { MailPage, UnreadableMailPage } from './mail-page.tsx';
import { type MailStatusProps, MailStatusSection } from './mail-status.tsx';
import { previewLink } from './preview-link.ts';
import { decryptMail, mailNotFound, type ReadableMail, readCopies, watchMail } from './read-mail.ts';

interface MailRequest {
  Params: { id: string };
  Querystring: Query;
}

type DecryptedMail = Exclude<ReadableMail, { summary: unknown }>;

/** @returns the routes, as a plugin */
export function mailRoutes(
  connection: RequestConnection,
  templates: TemplateSource<Renderer>,
  statusReader: SystemStatusReader,
): FastifyPluginAsync {
  const queue = new MailQueue(connection);
  const list = new MailList(connection);
  const audit = new AuditLog(connection);
  const pauses = new Pauses(connection);
  const maxAttempts = connection.timings.retry.length + 1;
  const timings = connection.timings.dashboard;

  return async (app) => {
    app.get<MailRequest>('/mails/:id', async (request, reply) => {
      const { context, params } = request;
      const mail = await readMail(params.id);
      const flash = consumeActionFlash(request, reply, params.id);
      const shared = { context, maxAttempts, flash };
      if ('summary' in mail) return sendPage(reply, <UnreadableMailPage {...shared} mail={mail.summary} />);
      const [content, related] = await Promise.all([contentOf(request, mail), relatedTo(mail.record)]);
      return sendPage(reply, <MailPage {...shared} {...related} record={mail.record} content={content} />);
    });

    app.get<MailRequest>('/mails/:id/message', async (request, reply) => {
      const { html, csp } = await documentOf(await composableMessage(request.params.id), {
        remoteImages: choiceIn(request.query, 'images', ['remote']) !== undefined,
      });
      return reply.type('text/html; charset=utf-8').header('content-security-policy', csp).header('cache-control', 'no-store').send(html);
    });

    app.get<MailRequest>('/mails/:id/source', async ({ params }, reply) => {
      const bytes = await composeMessage(await composableMessage(params.id));
      const disposition = `attachment; filename="${params.id}.eml"`;
      return reply.type('message/rfc822').header('content-disposition', disposition).header('cache-control', 'no-store').send(bytes);
    });

    app.get<MailRequest>('/mails/:id/live', (request, reply) =>
      sendLiveSection(request, reply, async function* (closed) {
        for await (const record of watchMail(queue, request.params.id, timings, closed)) {
          const shown = { context: request.context, record, maxAttempts, ...(await relatedTo(record)) };
          yield await (<MailStatusSection {...shown} />);
        }
      }),
    );

    app.get<MailRequest>('/mails/:id/confirm', { config: { role: 'operator' } }, async ({ context, params, query }, reply) => {
      const action = confirmedActions.find((known) => known === query['action']);
      if (action === undefined) throw unknownAction();
      const mail = await readMail(params.id);
      return sendPage(reply, <ConfirmPage context={context} mail={'summary' in mail ? mail.summary : mail.record} action={action} />);
    });

    app.post<MailRequest & { Body: { action?: unknown } }>(
      '/mails/:id/actions',
      { config: { role: 'operator' } },
      async (request, reply) => {
        const { id } = request.params;
        const action = mailActions.find((known) => known === request.body?.action);
        if (action === undefined) throw unknownAction();
        const applied = await queue.apply(id, action, { by: actorOf(request) });
        if (applied === undefined) throw mailNotFound();
        const { changed, state } = applied;
        await audit.append({
          ...actorOf(request),
          action,
          target: id,
          detail: changed ? `now ${state}` : `nothing changed, still ${state}`,
        });
        setActionFlash(request, reply, id, { action, applied: changed }, timings.flash);
        return reply.redirect(`/mails/${id}`, 303);
      },
    );
  };

  async function relatedTo(record: MailRecord): Promise<Pick<MailStatusProps, 'copies' | 'pauses' | 'awaited'>> {
    const canBeSent = !isFinal(record.state);
    const [copies, holding, awaited] = await Promise.all([
      readCopies(queue, record.id),
      canBeSent ? pauses.of(record) : [],
      canBeSent ? statusReader.read().then((status) => awaitedProviders(status.providers, status.pauses)) : [],
    ]);
    return { copies, pauses: holding, awaited };
  }

  async function readMail(id: string): Promise<ReadableMail> {
    const mail = await decryptMail(queue, list, id);
    if (mail === undefined) throw mailNotFound();
    return mail;
  }

  async function messageIn({ record, contentError }: DecryptedMail): Promise<MailMessage> {
    return contentError === undefined ? await readableMessageOf(record, templates.current) : { kind: 'error', reason: contentError };
  }

  async function composableMessage(id: string): Promise<OutgoingMessage> {
    const mail = await readMail(id);
    const message = 'summary' in mail ? undefined : await messageIn(mail);
    if (message?.kind === 'message') return message.message;
    throw new HttpError(404, t('No message to show'), t('The page of the mail has the reason.'));
  }

  async function contentOf({ context, query }: FastifyRequest<MailRequest>, mail: DecryptedMail): Promise<MailMessageProps> {
    const { record } = mail;
    const message = await messageIn(mail);
    const view = viewOf(choiceIn(query, 'view', views), message.kind === 'message' && message.message.html !== undefined);
    const needsBytes = message.kind === 'message' && (view === 'headers' || view === 'source');
    const bytes = needsBytes ? await composeMessage(message.message) : undefined;
    return {
      context,
      message,
      view,
      id: record.id,
      contentUntil: record.contentUntil,
      templateSetNotice: templateSetNotice(record, templates.current),
      // The data leaves the dashboard: that is for those who may send the mail again with it.
      previewLink: context.may('operator') ? previewLink(record, templates.current) : undefined,
      width: widthOf(choiceIn(query, 'width', widths)),
      remoteImages: choiceIn(query, 'images', ['remote']) !== undefined,
      bytes,
      headers: bytes && (await headersOf(bytes)),
    };
  }
}

function unknownAction(): HttpError {
  return new HttpError(400, t('Unknown action'), t('The actions on a mail are: {actions}.', { actions: mailActions.join(', ') }));
}
