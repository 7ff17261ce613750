/**
 * The life of a mail in a worker, top to bottom: its job came due; the record is read; the message is rendered and
 * delivered; what came of it is written down by recipient; the job goes, fails, or comes back later.
 *
 * Everything is decided by the record. A job says only that it may be time to look.
 */
import { type MailContent, MailFailure, type MailRecord, type Waits } from '@posthouse/contract';
import type { MessageDelivery, OutgoingMessage } from '@posthouse/delivery';
import type { MailRun, RunEnd } from '@posthouse/queue';
import type { Logger } from '@posthouse/runtime';
import { type RenderedMail, type Renderer, textOf } from '@posthouse/templates/render';
import { settle, type Try } from './settlement.ts';

/** What a run works with. */
export interface SendMailParts {
  renderer: Renderer;
  delivery: MessageDelivery;
  waits: Waits;
  log: Logger;
}

/** The run that a consumer hands each due mail to. */
export function sendMail({ renderer, delivery, waits, log }: SendMailParts): MailRun {
  return async (id, records) => {
    const begun = await records.begin(id);
    if (begun.found === 'early') return { end: 'again', at: begun.dueAt };
    if (begun.found === 'unreadable') {
      log.error({ id, reason: begun.reason }, 'failed: the record cannot be read');
      return { end: 'failed', reason: 'record' };
    }
    if (begun.found === 'ended') return { end: 'done' };

    const { record } = begun;
    const tried = await tryOnce(record, renderer, delivery);
    const settled = settle(record, tried, waits, Date.now());
    const nextAttemptAt = settled.as === 'attempt' ? settled.conclusion.nextAttemptAt : settled.nextAttemptAt;
    const state =
      settled.as === 'attempt'
        ? await records.conclude(record, settled.conclusion)
        : await records.defer(record, settled.deferral, settled.nextAttemptAt);

    const reason = settled.as === 'attempt' ? settled.conclusion.attempt.reason : settled.deferral.reason;
    log.info({ id, state, as: settled.as, provider: tried.provider, reason, ms: tried.durationMs }, state);
    return endOf(state, reason, nextAttemptAt);
  };
}

/** Renders and delivers to the recipients that are still pending. A failure on our side is an outcome as well. */
async function tryOnce(record: MailRecord, renderer: Renderer, delivery: MessageDelivery): Promise<Try> {
  const at = Date.now();
  const pending = record.recipients.filter(({ state }) => state === 'pending').map(({ address }) => address);
  try {
    const message = messageOf(record, renderer);
    return { ...(await delivery.deliver(message, pending)), renderedHash: renderer.hash };
  } catch (error) {
    const failure =
      error instanceof MailFailure ? error : new MailFailure('RETRY', 'internal', `a fault of ours: ${(error as Error).message}`);
    const { verdict, reason, waitMs, message: detail } = failure;
    const outcomes = pending.map((address) => ({ address, verdict, reason, ...(waitMs !== undefined && { waitMs }) }));
    return { at, durationMs: Date.now() - at, steps: [], detail, outcomes };
  }
}

function messageOf(record: MailRecord, renderer: Renderer): OutgoingMessage {
  const { content, envelope } = record;
  if (content === undefined) throw new MailFailure('FAIL', 'content', 'the record no longer holds what the mail says');
  const said = content.template === undefined ? content.written : rendered(content.template, renderer);
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

/** The data was checked at acceptance, but queues outlive deploys: the template may have changed since. */
function rendered({ name, data, locale }: NonNullable<MailContent['template']>, renderer: Renderer): RenderedMail {
  const faults = renderer.catalogue.templates.has(name) ? renderer.catalogue.check(name, data) : [];
  if (faults.length === 0) return renderer.render(name, data, locale);
  const list = faults.map(({ pointer, message }) => `${pointer} ${message}`).join('; ');
  throw new MailFailure('FAIL', 'template-data', `the data no longer fits the template ${name}: ${list}`);
}

function endOf(state: string, reason: string, nextAttemptAt: number): RunEnd {
  if (state === 'retrying') return { end: 'again', at: nextAttemptAt };
  return state === 'failed' ? { end: 'failed', reason } : { end: 'done' };
}
