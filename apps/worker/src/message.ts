/** The message of a mail: its record's content, rendered. */
import { type MailContent, MailFailure, type MailRecord, type Waits } from '@posthouse/contract';
import type { OutgoingMessage } from '@posthouse/delivery';
import { type RenderedMail, type Renderer, textOf } from '@posthouse/templates/render';

/**
 * @param waits how long a template may be missing while a new set is rolled out
 * @throws MailFailure when there is no message to be made of the record
 */
export function messageOf(record: MailRecord, renderer: Renderer, waits: Waits['reply']): OutgoingMessage {
  const { content, envelope } = record;
  if (content === undefined) throw new MailFailure('FAIL', 'content', 'the record no longer holds what the mail says');
  const said = content.template === undefined ? content.written : rendered(content.template, record, renderer, waits);
  if (said === undefined) throw new MailFailure('FAIL', 'content', 'the record names neither a template nor a content');
  const text = said.text ?? (said.html === undefined ? undefined : textOf(said.html));
  return {
    messageId: record.messageId,
    date: new Date(record.dueAt),
    from: envelope.from,
    to: envelope.to,
    cc: envelope.cc,
    replyTo: envelope.replyTo,
    subject: said.subject,
    ...(said.html !== undefined && { html: said.html }),
    ...(text !== undefined && { text }),
    attachments: content.attachments,
    headers: content.headers,
  };
}

function rendered(
  template: NonNullable<MailContent['template']>,
  record: MailRecord,
  renderer: Renderer,
  waits: Waits['reply'],
): RenderedMail {
  try {
    return checkedAndRendered(template, renderer);
  } catch (error) {
    const isRolledOut = (record.templatesHash ?? renderer.hash) === renderer.hash || Date.now() - record.dueAt > waits.rolloutMost;
    if (!(error instanceof MailFailure) || isRolledOut) throw error;
    // It was accepted under another set: a worker that has that set, or this one once it was replaced, can render it.
    throw new MailFailure('DEFER', error.reason, error.message, { cause: error, waitMs: waits.rollout });
  }
}

/** The data was checked at acceptance, but queues outlive deploys: the template may have changed since. */
function checkedAndRendered({ name, data, locale }: NonNullable<MailContent['template']>, renderer: Renderer): RenderedMail {
  const faults = renderer.catalogue.templates.has(name) ? renderer.catalogue.check(name, data) : [];
  if (faults.length === 0) return renderer.render(name, data, locale);
  const list = faults.map(({ pointer, message }) => `${pointer} ${message}`).join('; ');
  throw new MailFailure('FAIL', 'template-data', `the data no longer fits the template ${name}: ${list}`);
}
