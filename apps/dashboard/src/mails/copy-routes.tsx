/** `/mails/:id/copy`: a new mail with the content of another one, once it is confirmed. */
import { canonicalJson, limits, type Mailbox, parseMailbox } from '@posthouse/contract';
import {
  AuditLog,
  copyAction,
  copyClaimant,
  likeRecipients,
  MailQueue,
  newCopy,
  newMailId,
  newRecord,
  type RequestConnection,
} from '@posthouse/queue';
import type { TemplateSource } from '@posthouse/templates/catalogue';
import type { Renderer } from '@posthouse/templates/render';
import { sendPage } from '@posthouse/web';
import type { FastifyPluginAsync } from 'fastify';
import { actorOf } from '../ui/page-context.ts';
import { t } from '../ui/translate.ts';
import { CopyPage, type CopyPageProps, type CopyProblem, recipientsText } from './copy-page.tsx';
import { setActionFlash } from './mail-actions.ts';
import { mailNotFound, readCopies } from './read-mail.ts';

interface CopyRequest {
  Params: { id: string };
  Body: { to?: unknown; after?: unknown };
}

/** @returns the routes, as a plugin */
export function copyRoutes(connection: RequestConnection, templates: TemplateSource<Renderer>): FastifyPluginAsync {
  const queue = new MailQueue(connection);
  const audit = new AuditLog(connection);
  const { flash } = connection.timings.dashboard;

  return async (app) => {
    app.get<CopyRequest>(`/mails/:id/${copyAction}`, { config: { role: 'operator' } }, async ({ context, params }, reply) => {
      const { record, ...rest } = await confirmation(params.id);
      return sendPage(reply, <CopyPage context={context} record={record} {...rest} />);
    });

    app.post<CopyRequest>(`/mails/:id/${copyAction}`, { config: { role: 'operator' } }, async (request, reply) => {
      const { id } = request.params;
      const actor = actorOf(request);
      const { record, ...shown } = await confirmation(id);
      const written = typeof request.body?.to === 'string' ? request.body.to : recipientsText(record);
      const refuse = (status: number, more: Partial<CopyPageProps>) =>
        sendPage(reply.code(status), <CopyPage context={request.context} record={record} {...shown} to={written} {...more} />);
      if (shown.problem !== undefined) return refuse(409, {});
      // As the form had them: then cc and bcc stay what they are.
      const to = written === recipientsText(record) ? undefined : mailboxes(written);
      if (typeof to === 'string') return refuse(422, { toError: to });
      const now = await queue.now();
      const { catalogue } = templates.current;
      const copy = newCopy(
        record,
        { recipients: to && likeRecipients(record, to), by: actor, hasSensitive: (content) => catalogue.hasSensitive(content) },
        now,
      );
      if (typeof copy === 'string') return refuse(409, { problem: copy });

      const after = String(request.body?.after ?? '');
      const made = newRecord(newMailId(), copy, now);
      const key = { apiKey: copyClaimant, key: `${id} ${after}`, request: canonicalJson({ to: written }) };
      const claim = await queue.acceptOnce(made, key, made.id);
      if (claim.status !== 'claimed' && claim.status !== 'replay') {
        return refuse(409, { problem: 'copied-meanwhile', copies: await readCopies(queue, id) });
      }
      const isNew = claim.status === 'claimed';
      const copyId = isNew ? made.id : claim.answer;
      if (isNew) {
        const detail = `copy ${copyId}${to === undefined ? '' : ` to ${recipientsText(made)}`}`;
        await audit.append({ ...actor, action: copyAction, target: id, detail });
      }
      setActionFlash(request, reply, copyId, { action: copyAction, applied: isNew }, flash);
      return reply.redirect(`/mails/${copyId}`, 303);
    });
  };

  /** What the page shows before anything is entered. @throws HttpError 404 */
  async function confirmation(
    id: string,
  ): Promise<Pick<CopyPageProps, 'record' | 'copies' | 'isSensitive'> & { problem: CopyProblem | undefined }> {
    const [record, copies] = await Promise.all([queue.read(id, true), readCopies(queue, id)]);
    if (record === undefined) throw mailNotFound();
    const copy = newCopy(record, { by: { who: '' }, hasSensitive: () => false }, record.createdAt);
    const content = typeof copy === 'string' ? undefined : copy.content;
    const { catalogue } = templates.current;
    const problem = content === undefined ? 'content-incomplete' : catalogue.accepts(content) ? undefined : 'template-unusable';
    return { record, copies, problem, isSensitive: content !== undefined && problem === undefined && catalogue.hasSensitive(content) };
  }
}

/** @returns the addresses, or what is wrong with the text */
function mailboxes(written: string): Mailbox[] | string {
  const parts = written.split(',').map((part) => part.trim());
  const found = parts.map((part) => parseMailbox(part));
  const invalid = found.indexOf(undefined);
  if (invalid !== -1)
    return t('{text} is not an address. Write one such as anne@example.com, and separate several with commas.', {
      text: parts[invalid] || '“”',
    });
  if (found.length > limits.recipients) return t('At most {max} recipients are possible.', { max: limits.recipients });
  return found as Mailbox[];
}
