/**
 * The message of a mail as it looks now: rendered by this process's templates with what is sensitive in disguise, so that nobody
 * gets a link out of the dashboard that was meant for one reader alone. Or, honestly, why there is none to see.
 */
import { type MailContent, MailFailure, type MailRecord } from '@posthouse/contract';
import { type OutgoingMessage, outgoingMessage } from '@posthouse/delivery';
import type { Renderer } from '@posthouse/templates/render';

/** What there is to see of a mail. */
export type MailMessage =
  /** `disguised`: JSON pointers to data that has a sample's values here. */
  | { seen: 'message'; message: OutgoingMessage; disguised: readonly string[]; data?: Record<string, unknown> }
  /** What it said is kept no longer. */
  | { seen: 'wiped' }
  /** No message can be made of it now. `why` is free of its data, and `data` is masked. */
  | { seen: 'fault'; why: string; data?: Record<string, unknown> };

/** @param record with its content */
export function messageOf(record: MailRecord, renderer: Renderer): MailMessage {
  const { content } = record;
  if (content === undefined) return { seen: 'wiped' };
  const data = maskedData(content, renderer);
  try {
    const message = outgoingMessage(record, renderer.say(content, { disguised: true }));
    return { seen: 'message', message, disguised: sensitiveIn(content, renderer), ...data };
  } catch (error) {
    if (!(error instanceof MailFailure)) throw error;
    return { seen: 'fault', why: error.message, ...data };
  }
}

/** What to tell of template sets, where the one that is here is not the one that the mail was last rendered or checked with. */
export function setsApart({ state, template, templatesHash, renderedHash }: MailRecord, { hash }: Renderer): string | undefined {
  const before = renderedHash ?? templatesHash;
  if (template === undefined || before === undefined || before === hash) return undefined;
  const then = renderedHash === undefined ? 'accepted' : state === 'sent' ? 'sent' : 'last tried';
  return `Rendered now with set ${hash}, ${then} with set ${before}.`;
}

function maskedData({ template }: MailContent, { catalogue }: Renderer): { data?: Record<string, unknown> } {
  return template === undefined ? {} : { data: catalogue.masked(template.name, template.data) };
}

function sensitiveIn({ template }: MailContent, { catalogue }: Renderer): readonly string[] {
  return (template && catalogue.templates.get(template.name)?.sensitive) ?? [];
}
