/** `POST /v1/mails/{id}/copy`: a new mail with the content of another one. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { ApiKey } from '@posthouse/access';
import { type Address, IssueList, type Mail, type MailContent, type MailRecord, parseMailbox } from '@posthouse/contract';
import { MailSchema } from '@posthouse/contract/mail-schema';
import { type AuditLog, apiKeyRole, copyAction, type MailQueue, type NewMail, newCopy } from '@posthouse/queue';
import { Type } from 'typebox';
import { acceptSingle } from './acceptance.ts';
import type { Admission } from './admission.ts';
import { ownerOf, rightMissing } from './authentication.ts';
import { Accepted, IdempotencyHeader, IdParameter, mailNotFound, validated } from './mail-routes.ts';
import type { ValidationRules } from './mail-validation.ts';
import type { ApiMetrics } from './metrics.ts';
import { Problem, type ProblemCode, problemResponses } from './problem.ts';
import { acceptTraced } from './tracing.ts';

const CopySchema = Type.Object({ to: Type.Optional(MailSchema.properties.to) }, { additionalProperties: false, title: 'CopyRequest' });

/** What the route works with. */
interface CopyParts {
  queue: MailQueue;
  audit: AuditLog;
  rules: ValidationRules;
  /** That of the routes that accept other mails. */
  admission: Admission;
  metrics: ApiMetrics;
}

const refusals = {
  'content-incomplete':
    'The content of this mail is not stored completely any more: sensitive values and attachments are deleted once a mail is sent. The application must request it again.',
  'sensitive-content':
    'The content of this mail has sensitive values, so a copy goes to its recipients only. The application must request a mail to another address.',
} as const satisfies Partial<Record<ProblemCode, string>>;

/** The route, as a plugin. The copy counts as sent with the key that asks for it: owner, limits and rate are those of `POST /v1/mails`. */
export function mailCopyRoute({ queue, audit, rules, admission, metrics }: CopyParts): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.post(
      '/mails/:id/copy',
      {
        config: { right: 'act' },
        // Without `to` the request needs no body.
        preValidation: async (request) => {
          request.body ??= {};
        },
        schema: {
          operationId: 'copyMail',
          summary: 'Send a copy of a mail',
          description:
            'A new mail with a new id and Message-ID and the content of this one. It needs the rights `send` and `content`, and the whole content. With `to` it goes there instead of to all recipients.',
          tags: ['mails'],
          params: IdParameter,
          headers: IdempotencyHeader,
          body: CopySchema,
          response: { 202: Accepted, ...problemResponses(400, 401, 403, 404, 408, 409, 413, 415, 422, 429) },
        },
      },
      async (request, reply) => {
        const { apiKey, params, body } = request;
        for (const right of ['send', 'content'] as const) if (!apiKey.rights[right]) throw rightMissing(right);
        let template: string | undefined;
        const accepted = await admission.run(1, async () => {
          const original = await queue.read(params.id, true, ownerOf(apiKey, 'act'));
          template = original?.template;
          // What refuses it is thrown where the mail is validated: a repeated request gets its first answer, also when the content is gone.
          const accept = () => acceptSingle(queue, request, reply, (now) => validCopy(original, body.to, apiKey, rules, now));
          return await acceptTraced(request, 1, accept);
        });
        request.log.debug({ id: accepted.id, copyOf: params.id }, 'copy accepted');
        if (!reply.hasHeader('idempotent-replayed')) {
          metrics.accepted(template);
          const detail = `copy ${accepted.id}${body.to === undefined ? '' : ` to ${addressesOf(body.to).join(', ')}`}`;
          await audit.append({ who: apiKey.name, role: apiKeyRole, action: copyAction, target: params.id, detail });
        }
        return reply.code(202).send(accepted);
      },
    );
  };
}

/** @throws Problem */
function validCopy(
  original: MailRecord | undefined,
  to: Mail['to'] | undefined,
  apiKey: ApiKey,
  rules: ValidationRules,
  now: number,
): NewMail {
  if (original === undefined) throw mailNotFound();
  const request = {
    by: { who: apiKey.name, role: apiKeyRole },
    recipients:
      to === undefined ? undefined : { to: listOf(to).map((address) => parseMailbox(address) ?? { address: '' }), cc: [], bcc: [] },
    hasSensitive: (content: MailContent) => rules.templates.current.hasSensitive(content),
  };
  const copy = newCopy(original, request, now);
  if (typeof copy === 'string') {
    const issues = new IssueList();
    if (copy === 'sensitive-content') issues.add('/to', 'must be a recipient of the mail', 'not-allowed');
    throw new Problem(copy, refusals[copy], issues);
  }
  // The mail is checked like any other: the key's limits, the templates and the senders may have changed since.
  const mail = validated({ ...toRequest(copy), ...(to !== undefined && { to }) }, apiKey, rules, now);
  const { returnPath: _ofRequest, ...envelope } = mail.envelope;
  const { returnPath } = copy.envelope;
  return {
    ...mail,
    envelope: { ...envelope, ...(returnPath !== undefined && { returnPath }) },
    ...(copy.copy !== undefined && { copy: copy.copy }),
  };
}

/** A mail as a caller would request it. */
function toRequest({ envelope, content, tags, metadata, priority, onUncertain, expiresAt }: NewMail): Mail {
  const { from, to, cc, bcc, replyTo } = envelope;
  const { template, literal, raw, attachments, headers } = content;
  return {
    from,
    to,
    ...lists({ cc, bcc, replyTo }),
    attachments,
    headers,
    tags,
    priority,
    ...(template !== undefined && { template: template.name, locale: template.locale, data: template.data }),
    ...(literal !== undefined && { content: literal }),
    ...(raw !== undefined && { content: { raw: raw.message }, from: envelope.returnPath?.includes('@') ? envelope.returnPath : from }),
    ...(metadata !== undefined && { metadata }),
    ...(onUncertain !== undefined && { onUncertain }),
    ...(expiresAt !== undefined && { expiresAt: new Date(expiresAt).toISOString() }),
  };
}

function lists(addresses: Record<'cc' | 'bcc' | 'replyTo', Address[]>): Partial<Record<'cc' | 'bcc' | 'replyTo', Address[]>> {
  return Object.fromEntries(Object.entries(addresses).filter(([, list]) => list.length > 0));
}

function listOf(addresses: Mail['to']): Address[] {
  return Array.isArray(addresses) ? addresses : [addresses];
}

function addressesOf(to: Mail['to']): string[] {
  return listOf(to).map((address) => parseMailbox(address)?.address ?? '');
}
